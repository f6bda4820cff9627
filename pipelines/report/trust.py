"""What the page says of trust: scores by subject and dimension, rules, published figures, totals.

What belongs here: these questions, as SQL. What does not: how scores are computed (dbt) and how
they look (`trust.html.j2`).
"""

from __future__ import annotations

from typing import Any

import duckdb

from pipelines.report.answers import Row, ask, by

SCORES = """
    select subject, dimension, avg(score) as score, count_if(score is not null) as assessed,
        count_if(state = 'ASSESSED' and band = 'GREEN') as green,
        count_if(state = 'ASSESSED' and band = 'AMBER') as amber,
        count_if(state = 'ASSESSED' and band = 'RED') as red,
        count_if(state = 'NOT_SUBMITTED') as not_submitted
    from quality.scores
    where as_of_date = $day
        and agency_code in (select agency_code from marts.dim_agencies where peer_group is not null)
    group by all
"""

RULES = """
    with results as (
        select rule_id, sum(failed_count)::bigint as failed, sum(missing_count)::bigint as missing,
            sum(applicable_count)::bigint as applicable,
            count_if(failed_count + missing_count > 0) as agencies
        from quality.rule_results where as_of_date = $day group by all
    )
    select results.*, rules.form, rules.dimension, rules.severity, rules.sentence_vi,
        rules.sentence_en, rules.how_to_fix_vi, rules.how_to_fix_en
    from results
    inner join quality.rules as rules using (rule_id)
    qualify row_number() over (partition by rule_id order by rules.rule_version desc) = 1
    order by failed + missing desc, rule_id
"""

RECONCILIATION = """
    with figures as (
        select figures.* exclude (measure, agency_code),
            coalesce(aliases.of_measure, figures.measure) as measure,
            coalesce(aliases.agency_code, figures.agency_code) as agency_code
        from marts.reconciliation as figures
        left join marts.dim_measure_aliases as aliases using (measure)
    )
    select figures.*, measures.form, indicators.indicator_name,
        coalesce(agencies.name_vi, labels.label_vi, figures.agency_code) as name_vi
    from figures
    left join marts.dim_measures as measures using (measure)
    left join marts.dim_indicators as indicators
        on figures.measure = 'indicator:' || lower(indicators.indicator_code)
    left join marts.dim_agencies as agencies
        on agencies.agency_code = figures.agency_code and agencies.valid_to is null
    left join marts.dim_labels as labels
        on labels.list = 'peer_group' and labels.code = figures.agency_code
    order by figures.verdict = 'MATCH', figures.figure_id
"""


CONTROLS = """
    select kind,
        coalesce(sum(figure_count) filter (verdict = 'MATCH'), 0)::bigint as agreeing,
        coalesce(sum(figure_count) filter (verdict = 'DIFFERS'), 0)::bigint as differing,
        coalesce(sum(figure_count) filter (verdict = 'NOT_COMPUTABLE'), 0)::bigint as unknown
    from marts.control_totals group by kind
    order by case kind when 'rows' then 1 when 'cumulative' then 2 else 3 end
"""

WRONG_TOTALS = """
    select totals.*, coalesce(agencies.name_vi, labels.label_vi, totals.agency_code) as name_vi
    from marts.control_totals as totals
    left join marts.dim_agencies as agencies
        on agencies.agency_code = totals.agency_code and agencies.valid_to is null
    left join marts.dim_labels as labels
        on labels.list = 'peer_group' and labels.code = totals.agency_code
    where totals.verdict = 'DIFFERS'
    order by totals.kind, totals.agency_code, totals.reporting_date desc, totals.control_id
    limit 25
"""


def read(connection: duckdb.DuckDBPyConnection, day: dict[str, Any]) -> Row:
    """Scores of agencies, rules in force, figures that others have published."""
    figures = ask(connection, RECONCILIATION)
    return {
        "scores": {
            subject: {row["dimension"]: row for row in rows}
            for subject, rows in by("subject", ask(connection, SCORES, day)).items()
        },
        "rules": ask(connection, RULES, day),
        "controls": ask(connection, CONTROLS),
        "wrong_totals": ask(connection, WRONG_TOTALS),
        "computed": [row for row in figures if row["verdict"] != "NOT_COMPUTABLE"],
        "not_computable": [row for row in figures if row["verdict"] == "NOT_COMPUTABLE"],
    }
