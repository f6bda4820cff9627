"""The deformation corpus: clean workbooks, deformed by named functions, with their truth."""
