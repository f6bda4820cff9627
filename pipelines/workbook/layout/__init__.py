"""The layout of a sheet: from its cells to headers, tables and rows, with what was left aside."""
