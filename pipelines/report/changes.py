"""What the page says of the release before: what changed since, by cause, and which ranks moved.

What belongs here: these questions, as SQL. What does not: how it looks (`changes.html.j2`), and the
comparison itself (`changes/`).
"""

from __future__ import annotations

from typing import Any

import duckdb

from pipelines.report.answers import Row, ask, by

SHOWN = 12
"""Rows of a list on the page; the published tables have the others."""

OF_THIS = (
    "inner join history.releases as this on this.is_this_file and {}.release_id = this.release_id"
)

CAUSES = f"""
    with changed as (
        select changes.cause, min(changes.cause_order) as cause_order,
            count(*) filter (kind = 'figure') as figures, count(*) filter (kind = 'rank') as ranks,
            count(*) filter (kind = 'score') as scores
        from history.release_changes as changes {OF_THIS.format("changes")}
        group by changes.cause
    ),
    behind as (
        select causes.cause, min(causes.cause_order) as cause_order,
            any_value(causes.source) as source, count(*) as sources
        from history.release_causes as causes {OF_THIS.format("causes")}
        group by causes.cause
    )
    select cause, coalesce(changed.cause_order, behind.cause_order) as cause_order, source,
        coalesce(sources, 0) as sources, coalesce(figures, 0) as figures,
        coalesce(ranks, 0) as ranks, coalesce(scores, 0) as scores
    from changed full join behind using (cause)
    order by cause_order, cause
"""

BEFORE = f"""
    select distinct causes.release_before, before.as_of_date
    from history.release_causes as causes {OF_THIS.format("causes")}
    left join history.releases as before on before.release_id = causes.release_before
"""

PARTS = """
    select changes.kind, changes.measure, changes.programme_scope, changes.agency_code,
        changes.value_before, changes.value_after,
        changes.value_after - changes.value_before as moved,
        list({'cause': changes.cause, 'difference': changes.difference}
            order by changes.cause_order) as parts
    from history.release_changes as changes
"""

FIGURES = f"""
    with parts as (
        {PARTS} {OF_THIS.format("changes")}
        where changes.kind = 'figure' and changes.agency_code = 'all'
            and changes.programme_scope = '' and changes.window_start is null
        group by all
    )
    select parts.*, measures.sentence_vi, measures.sentence_en, measures.unit
    from parts inner join marts.dim_measures as measures using (measure)
    -- Those first that moved most against their size.
    order by abs(moved) / greatest(abs(value_before), abs(value_after)) desc nulls first, measure
"""

AGENCIES = f"""
    with parts as (
        {PARTS} {OF_THIS.format("changes")}
        where changes.kind = $kind and coalesce(changes.programme_scope, '') = ''
            and coalesce(changes.subject, 'all') = 'all'
            and coalesce(changes.dimension, 'all') = 'all'
        group by all
    )
    select parts.*, agencies.name_vi, agencies.name_en, agencies.peer_group
    from parts inner join history.releases as this on this.is_this_file
    left join marts.dim_agencies as agencies
        on agencies.agency_code = parts.agency_code
        and this.as_of_date between agencies.valid_from
        and coalesce(agencies.valid_to, date '9999-12-31')
    where parts.value_before is distinct from parts.value_after
    order by abs(moved) desc nulls last, agencies.name_vi, parts.agency_code
"""

SOURCES = f"""
    select causes.*, agencies.name_vi
    from history.release_causes as causes {OF_THIS.format("causes")}
    left join marts.dim_agencies as agencies
        on agencies.agency_code = causes.agency_code and agencies.valid_to is null
    order by causes.cause_order, causes.known_at, causes.agency_code, causes.key
"""


def read(connection: duckdb.DuckDBPyConnection) -> Row:
    """Everything about changes that the template needs; nothing when no release came before."""
    before = ask(connection, BEFORE)
    return {
        "changes": {
            "before": before[0] if before else None,
            "causes": ask(connection, CAUSES),
            "figures": ask(connection, FIGURES),
            "ranks": _of_agencies(connection, "rank"),
            "scores": _of_agencies(connection, "score"),
            "sources": by("cause", ask(connection, SOURCES)),
            "shown": SHOWN,
        }
    }


def _of_agencies(connection: duckdb.DuckDBPyConnection, kind: str) -> list[dict[str, Any]]:
    return ask(connection, AGENCIES, {"kind": kind})
