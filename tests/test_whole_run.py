"""The whole sample, run once: what comes out against the truth that went in.

Every figure, every fact of every day, every finding. What differs must be explained by a finding at
a cell that contributed; what was written clean must be left alone.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from truth_facts import Facts
from truth_rows import FACTS, expected

from pipelines import warehouse
from pipelines.quality.register import load_rules
from pipelines.sample.records import REPORTING_DATES, clean_values
from pipelines.sample.truth import make_truth
from pipelines.sample.write import load_sample
from pipelines.settings import PROJECT_ROOT

VERDICTS = {f"F{number:03d}": "MATCH" for number in range(1, 80)} | {
    "F014": "CONTRADICTED",
    "S001": "DIFFERS",
    "S002": "DIFFERS",
    "S003": "DIFFERS",
    "S004": "NOT_COMPUTABLE",
    "S005": "NOT_COMPUTABLE",
}
DIMENSIONS = ("correct", "sufficient", "clean", "living")
DERIVED = {
    "coverage_share": {"records_held", "records_expected"},
    "age_days": {"last_updated_on"},
    "is_within_cycle": {"last_updated_on", "update_cycle_days"},
    **{f"declared_{name}_score": {f"self_score_{name}"} for name in DIMENSIONS},
}
"""Published columns of rows, and what they are computed from."""
CONTRIBUTING = {"status", "completed_on", "started_on", "percent_complete"}
RULES = {rule.rule_id: rule for rule in load_rules(PROJECT_ROOT / "expectations")}
MISSING_ROW = {
    rule_id
    for rule_id, rule in RULES.items()
    if rule.definition.endswith("registered_row_not_reported.sql")
}


@pytest.fixture(scope="module")
def truth():
    return make_truth()


@pytest.fixture(scope="module")
def published(full_world):
    with warehouse.connect(full_world.database, read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def findings(published):
    """(agency, task) → findings with rule, column and the days on which they were open."""
    found: dict[tuple[str, str], list[tuple]] = {}
    for agency, code, *rest in published.execute(
        "select agency_code, record_key, rule_id, column_name, opened_on, closed_on"
        " from quality.findings"
    ).fetchall():
        found.setdefault((agency, code), []).append(tuple(rest))
    return found


def is_explained(findings, agency, code, day, columns):
    """Whether a finding of the day is at one of the columns, or at a rule that reads one."""
    return any(
        opened <= day and (closed is None or day < closed)
        for rule, column, opened, closed in findings.get((agency, code), [])
        if column in columns or columns & set(RULES[rule].column_names) or rule in MISSING_ROW
    )


def test_published_figures_have_the_verdicts_due(published):
    found = published.execute("select figure_id, verdict from marts.reconciliation").fetchall()
    assert dict(found) == VERDICTS
    (explanation,) = published.execute(
        "select explanation_en from marts.reconciliation where figure_id = 'F014'"
    ).fetchone()
    assert "F013" in explanation


def test_task_facts_of_every_day_equal_the_truth(published, truth, findings, capsys):
    nation = {
        (day, code): values
        for day, code, *values in published.execute(
            "select as_of_date, task_code, status, status_group, completed_on from marts.fct_tasks"
        ).fetchall()
    }
    own = {
        (day, code, agency): values
        for day, code, agency, *values in published.execute(
            "select as_of_date, task_code, agency_code, status, status_group, completed_on"
            " from marts.fct_task_agencies"
        ).fetchall()
    }
    counts = Counter()
    unexplained = []
    day = REPORTING_DATES[0]
    while day <= REPORTING_DATES[-1]:
        facts = Facts(truth, day)
        for task in facts.registered:
            code = task.task_code
            expected = facts.tasks[code]
            values = nation.pop((day, code))
            counts["tasks"] += 1
            if values != [expected.status, expected.status_group, expected.completed_on]:
                counts["tasks that differ"] += 1
                leads = truth.expand(task.leads)
                if not any(is_explained(findings, a, code, day, CONTRIBUTING) for a in leads):
                    unexplained.append((day, code, values, expected))
        for (code, agency), expected in facts.task_agencies.items():
            values = own.pop((day, code, agency))
            counts["agency rows"] += 1
            if values != [expected.status, expected.status_group, expected.completed_on]:
                counts["agency rows that differ"] += 1
                if not is_explained(findings, agency, code, day, CONTRIBUTING):
                    unexplained.append((day, code, agency, values, expected))
        day += timedelta(1)
    with capsys.disabled():
        print(f"\nfacts against the truth: {dict(counts)}, unexplained: {len(unexplained)}")
    assert not nation
    assert not own
    assert not unexplained[:5]
    assert counts["tasks that differ"] == 0
    assert counts["tasks"] == 65 * 664 + 36 * 749


def test_register_values_equal_the_truth(published, truth):
    found = {
        code: values
        for code, *values in published.execute(
            "select task_code, programme_code, title, assigned_on, deadline, deadline_original,"
            " deadline_kind, deliverable, legal_basis from marts.dim_tasks"
        ).fetchall()
    }
    for task in truth.tasks:
        assert found.pop(task.task_code) == [
            task.programme_code,
            task.title,
            task.assigned_on,
            task.deadline_at(REPORTING_DATES[-1]).on,
            task.deadline.on,
            task.deadline_at(REPORTING_DATES[-1]).kind,
            task.deliverable,
            task.legal_basis,
        ]
    assert not found


def test_reported_values_equal_the_truth(published, truth, findings, capsys):
    columns = ("percent_complete", "started_on")
    own = published.execute(
        "select reported_on, agency_code, task_code, percent_complete_pct, started_on"
        " from marts.fct_task_agencies"
        " where as_of_date = reported_on and reported_on is not null"
    ).fetchall()
    tasks = {task.task_code: task for task in truth.tasks}
    counts = Counter()
    unexplained = []
    for on, agency, code, *values in own:
        expected = clean_values(tasks[code], truth.reports[agency, on, code], on)
        for column, value in zip(columns, values, strict=True):
            counts[column] += 1
            if value != expected[column]:
                counts[f"{column} that differ"] += 1
                if not is_explained(findings, agency, code, on, CONTRIBUTING):
                    unexplained.append((on, agency, code, column, value, expected[column]))
    with capsys.disabled():
        print(f"\nreported values against the truth: {dict(counts)}")
    assert len(own) > 15_000
    assert not unexplained


def published_rows(published, table, key):
    cursor = published.execute(f"select * from {table}")
    names = [column[0] for column in cursor.description]
    for row in cursor.fetchall():
        values = dict(zip(names, row, strict=True))
        yield tuple(values[name] for name in key), values


@pytest.mark.parametrize("table", FACTS)
def test_rows_of_every_form_equal_the_truth(full_world, published, findings, capsys, table):
    found = dict(published_rows(published, table, FACTS[table][0]))
    counts = Counter()
    unexplained = []
    for fact in expected(load_sample(full_world.settings).rows, table):
        _, agency, on, record_key = fact.told_in
        row = found.pop(fact.key, None)
        counts["rows"] += 1
        if row is None:
            counts["rows missing"] += 1
            if not is_explained(findings, agency, record_key, on, set()):
                unexplained.append((fact.key, "missing"))
            continue
        for column, value in fact.values.items():
            counts["values"] += 1
            if row[column] == value or (
                isinstance(value, float) and row[column] == pytest.approx(value)
            ):
                continue
            counts["values that differ"] += 1
            if not is_explained(findings, agency, record_key, on, DERIVED.get(column, {column})):
                unexplained.append((fact.key, column, row[column], value))
    with capsys.disabled():
        print(f"\n{table} against the truth: {dict(counts)}, not in it: {len(found)}")
    assert not unexplained[:5]
    for row in found.values():  # only a dataset that is in no register
        where = row["agency_code"], row["dataset_code"], row["reporting_date"]
        assert is_explained(findings, *where, {"dataset_code"})
    assert counts["values that differ"] < 0.02 * counts["values"]


def test_findings_on_clean_cells_are_under_one_percent(full_world, published, truth, capsys):
    """A finding is on a clean cell when nothing in its row of the workbook was deformed."""
    sample = load_sample(full_world.settings)
    deformed: set[tuple[str, date, str | None]] = set()
    for file in sample.files(sample.dates):
        _, records = sample.draft(file)
        deformed |= {(file.agency, file.on, record.record_key) for record in records}
    clean_cells = sum(
        len(clean_values(task, report, on))
        for agency in truth.agencies
        for on in REPORTING_DATES
        for task, report in truth.rows(agency, on)
        if (agency, on, task.task_code) not in deformed
    )
    located = published.execute(
        "select f.agency_code, s.reporting_date, f.record_key, f.rule_id from quality.findings as f"
        " inner join marts.fct_submissions as s using (submission_id)"
        " where f.row_number is not null and f.agency_code <> 'BCD'"
    ).fetchall()
    clean = Counter(
        rule for agency, on, code, rule in located if (agency, on, code) not in deformed
    )
    with capsys.disabled():
        print(f"\nfindings on clean rows: {clean.total()} on {clean_cells} clean cells: {clean}")
    assert len(located) > 1000
    assert clean.total() < 0.01 * clean_cells


def test_every_received_row_is_kept_or_rejected(published):
    received, kept, rejected = published.execute(
        "select sum(rows_received), sum(rows_kept), sum(rows_rejected) from marts.fct_submissions"
        " where status in ('ACCEPTED', 'SUPERSEDED')"
    ).fetchone()
    assert received == kept + rejected
    assert rejected > 0


def test_agencies_that_did_not_send_are_named(published, truth):
    found = published.execute(
        "select agency_code, reporting_date from marts.fct_submissions where status = 'EXPECTED'"
    ).fetchall()
    assert set(found) == set(truth.not_sent)
    late = published.execute(
        "select agency_code, reporting_date from marts.fct_submissions where is_late"
    ).fetchall()
    assert set(late) == set(truth.sent_late)


def test_everything_published_says_that_it_is_invented(full_world, published):
    assert "INVENTED DATA" in (full_world.settings.published / "index.html").read_text("utf-8")
    (comment,) = published.execute(
        "select comment from duckdb_tables() where table_name = 'fct_tasks'"
    ).fetchone()
    assert "INVENTED DATA" in comment


def test_no_personal_value_is_published(full_world, published):
    people = {report.responsible_person for report in make_truth().reports.values()}
    texts = published.execute(
        "select distinct value_found from quality.findings where value_found is not null"
        " union all select distinct related_cells from quality.findings"
    ).fetchall()
    assert not [text for (text,) in texts if text and any(person in text for person in people)]
    columns = published.execute("select distinct column_name from duckdb_columns()").fetchall()
    assert not {"responsible_person", "phone", "prepared_by"} & {name for (name,) in columns}
