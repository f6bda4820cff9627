"""NQ57 Monitor: from the workbooks of 56 agencies to facts that can be proved.

This file holds no code. Start at `definitions.py` for Dagster, at `cli.py` for the terminal.
"""
