"""What moved most between two releases, as a table of Markdown for whoever looks after runs.

What belongs here: that table. What does not: the page's section (`changes.py`).
"""

from __future__ import annotations

import duckdb

SHOWN = 20

MOVED = f"""
    with moved as (
        select kind,
            concat_ws(' ', measure, nullif(programme_scope, ''), agency_code, subject, dimension,
                window_start) as what,
            value_before, value_after,
            string_agg(
                concat(cause, ' ', coalesce(printf('%+.6g', difference), '–')), ', '
                order by cause_order
            ) as parts
        from history.release_changes
        where release_id = $1 and (kind != 'figure' or agency_code = 'all')
        group by all
    )
    select kind, what, value_before, value_after, parts from moved
    order by abs(value_after - value_before) / greatest(abs(value_before), abs(value_after), 1e-9)
        desc nulls last, what
    limit {SHOWN}
"""


def movers(connection: duckdb.DuckDBPyConnection, release_id: str) -> str:
    """National figures, ranks and scores that moved most against their size, with the causes."""
    found = connection.execute(MOVED, [release_id]).fetchall()
    if not found:
        return "Nothing changed, or nothing was published before."
    lines = ["| kind | what | before | after | due to |", "|---|---|---:|---:|---|"]
    for kind, what, before, after, causes in found:
        values = ("–" if value is None else f"{value:,.6g}" for value in (before, after))
        lines.append(f"| {kind} | {what} | {' | '.join(values)} | {causes} |")
    return "\n".join(lines)
