"""Formats of files: from bytes to sheets of cells, each format by two independent readers."""
