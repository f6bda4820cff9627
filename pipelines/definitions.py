"""Entry point for Dagster: everything below `defs/`, run in one process.

DuckDB admits one writer, and a process of its own costs each step 12 s (20 assets: 2.7 s in
process, 233 s otherwise).
"""

from pathlib import Path

import dagster as dg


@dg.definitions
def defs() -> dg.Definitions:
    """All assets, checks, jobs, schedules and resources."""
    found = dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
    return dg.Definitions.merge(found, dg.Definitions(executor=dg.in_process_executor))
