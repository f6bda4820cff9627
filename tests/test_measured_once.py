"""Rules about cells and rows judge a submission once; whatever comes in which order, measured is
what measuring everything at once gives."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from quality_tables import EXPECTATIONS, RULES, create_tables, insert, make_register

from pipelines import durable
from pipelines.quality import batches
from pipelines.quality.engine import measure
from pipelines.quality.register import RegisterError, load_rules
from pipelines.warehouse import connect

FIRST = date(2025, 9, 1)
LIMITS = (60, 80, 100)
HIGH = {"type": "expect_column_values_to_be_between", "kwargs": {"column": "percent_complete"}}
DONE = {
    "type": "expect_column_values_to_be_in_set",
    "kwargs": {
        "column": "status",
        "value_set": ["DONE"],
        "row_condition": {
            "type": "comparison",
            "column": {"name": "percent_complete"},
            "operator": ">=",
            "parameter": 100,
        },
    },
}
PAIR = {
    "type": "expect_column_pair_values_a_to_be_greater_than_b",
    "kwargs": {
        "column_A": "completed_on",
        "column_B": "started_on",
        "ignore_row_if": "either_value_is_missing",
    },
}
FAILING = """
    submission_id, 'tasks' as form, sheet_name, row_number, record_key, 'status' as column_name,
    status as value_found, cast(null as varchar) as value_expected,
    cast(null as varchar) as related_cells"""
BLANK = f"""
    select cast(null as date) as as_of_date, agency_code, {FAILING}
    from intermediate.int_reported_tasks where status is null"""
BY_DAY = f"""
    select days.as_of_date, agency_code, {FAILING}
    from intermediate.int_reported_tasks as rows
    inner join intermediate.int_days as days
        on days.as_of_date between rows.valid_from and rows.valid_to
    where percent_complete < {{limit}}"""
WITHOUT_DAY = BLANK.replace("where status is null", "where percent_complete is null")
TABLES = ("standing_rows", "judgements", "failing_rows", "rule_outcomes")


class Office:
    """A small warehouse in which reports of tasks come, are corrected and go, day after day."""

    def __init__(self, folder, dice):
        self.folder, self.dice = folder, dice
        self.path = folder / "often.duckdb"
        self.reports: dict[str, list[dict]] = {}
        self.gone: dict[str, list[dict]] = {}
        self.marks: dict[str, int] = {}
        self.limit, self.has_pair, self.last = 100, True, FIRST
        self.versions = 0
        self.unbuilt_from = FIRST
        with connect(self.path) as connection:
            create_tables(connection)

    def step(self) -> None:
        """Something happens: at most one report, answer or rule, sometimes nothing but a day."""
        happenings = (self.arrive, self.arrive, self.withdraw, self.restore, self.read_again,
                      self.match, self.change_rule, self.next_day, self.next_day)  # fmt: skip
        self.dice.choice(happenings)()

    def arrive(self) -> None:
        name = f"s{len(self.marks)}"
        self.marks[name] = 0
        start = FIRST + timedelta(days=self.dice.randint(0, 5))
        self.reports[name] = [self._row(name, n, start) for n in range(self.dice.randint(1, 6))]
        self._touch(name)

    def withdraw(self) -> None:
        """A report does not stand any more: it was withdrawn, or another version replaced it."""
        if name := self._one():
            self._touch(name)
            self.gone[name] = self.reports.pop(name)

    def restore(self) -> None:
        """The version after it was withdrawn: it stands again, as it was."""
        if self.gone:
            name = self.dice.choice(sorted(self.gone))
            self.reports[name] = self.gone.pop(name)
            self._touch(name)

    def read_again(self) -> None:
        if name := self._one():
            self._touch(name)
            self.marks[name] += 1
            for row in self.reports[name]:
                row["percent_complete"] = self.dice.choice((None, 0, 50, 100, 150))

    def match(self) -> None:
        """An answer, or a register, tells the key of a row, or that it is none."""
        if name := self._one():
            self._touch(name)
            rows = self.reports[name]
            self.dice.choice(rows)["record_key"] = f"NQ71-{self.dice.randint(100, 999)}"
            if len(rows) > 1 and self.dice.random() < 0.5:
                rows.pop()  # it was another row's double

    def change_rule(self) -> None:
        self.limit = self.dice.choice(LIMITS)
        self.has_pair = not self.has_pair
        self.unbuilt_from = FIRST

    def next_day(self) -> None:
        self.last += timedelta(days=1)

    def _one(self) -> str | None:
        return self.dice.choice(sorted(self.reports)) if self.reports else None

    def _touch(self, name) -> None:
        """Days on which the report can speak are to be built anew."""
        self.unbuilt_from = min(self.unbuilt_from, self.reports[name][0]["reporting_date"])

    def _row(self, name, number, start):
        return {
            "submission_id": name,
            "agency_code": "BTC",
            "sheet_name": "Nhiệm vụ",
            "row_number": number,
            "record_key": f"NQ71-{number:03d}",
            "reporting_date": start,
            "valid_from": start,
            "valid_to": start + timedelta(days=self.dice.randint(0, 9)),
            "status": self.dice.choice((None, "DONE", "IN_PROGRESS")),
            "percent_complete": self.dice.choice((None, 0, 50, 100, 150)),
            "started_on": FIRST,
            "completed_on": self.dice.choice((None, FIRST - timedelta(days=9), FIRST)),
        }

    def rules(self):
        """The rules in force; the newest of them have another limit, or are one fewer."""
        self.versions += 1
        high = {**HIGH, "kwargs": {**HIGH["kwargs"], "max_value": self.limit}}
        by_day = BY_DAY.replace("{limit}", str(self.limit))
        definitions = [high, DONE, BLANK, by_day, WITHOUT_DAY, *([PAIR] if self.has_pair else [])]
        levels = ("cell", "row", "row", "time", "cross", "row")
        folder = self.folder / f"rules{self.versions}" / "expectations"
        return make_register(folder, *definitions, levels=levels)[0]

    def days(self):
        return [FIRST + timedelta(days=n) for n in range((self.last - FIRST).days + 1)]

    def build(self, path, days):
        """What dbt would do: the rows that stand, and the days to build."""
        with connect(path) as connection:
            for table in ("int_reported_tasks", "int_days", "int_day_inputs"):
                connection.execute(f"delete from intermediate.{table}")
            connection.execute("delete from raw.loaded_readings")
            for name, rows in self.reports.items():
                insert(connection, "int_reported_tasks", *rows)
                mark = {"submission_id": name, "folder": name, "changed_ns": self.marks[name]}
                insert(connection, "loaded_readings", mark)
            insert(connection, "int_days", *({"as_of_date": day} for day in days))
            insert(connection, "int_day_inputs", *({"as_of_date": day} for day in self.days()))

    def measure_all_at_once(self, expectations):
        path = self.folder / f"once{self.versions}.duckdb"
        with connect(path) as connection:
            create_tables(connection)
        self.build(path, self.days())
        measure(path, expectations, self.last)
        return path


def measured(path, without=()):
    with connect(path, read_only=True) as connection:
        return {
            table: connection.execute(f"from measured.{table} order by all").fetchall()
            for table in TABLES
            if table not in without
        } | {"outcomes": connection.execute(
            "select rule_id, unexpected_count, error, is_success,"
            " if(rule_id = 'TSK-COR-004', null, evaluated_count)"
            " from measured.rule_outcomes order by all").fetchall()}  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_measuring_as_things_come_is_measuring_everything_at_once(tmp_path, seed):
    office = Office(tmp_path, random.Random(seed))
    for _ in range(5):
        for _ in range(office.dice.randint(1, 4)):
            office.step()
        office.build(office.path, [day for day in office.days() if day >= office.unbuilt_from])
        expectations = office.rules()
        measure(office.path, expectations, office.last)
        office.unbuilt_from = office.last + timedelta(days=1)
        once = office.measure_all_at_once(expectations)
        # What Great Expectations said is of the last batch.
        assert measured(office.path, {"rule_outcomes"}) == measured(once, {"rule_outcomes"})


@pytest.fixture
def office(tmp_path):
    """Two reports of three tasks, measured by five rules."""
    office = Office(tmp_path, random.Random(57))
    office.arrive()
    office.arrive()
    office.expectations = office.rules()
    office.build(office.path, office.days())
    measure(office.path, office.expectations, office.last)
    return office


def batches_of(office, monkeypatch, expectations=None):
    """Which tables are judged by how many rules in a further run, and by how many rows."""
    seen = []
    real = batches.plan

    def spied(*arguments):
        planned = real(*arguments)
        with connect(office.path, read_only=True) as connection:
            for batch in planned.batches:
                ((count,),) = connection.execute(f"select count(*) from {batch.table}").fetchall()
                seen.append((batch.table, sorted(r.rule_id[-1] for r in batch.rules), count))
        return planned

    monkeypatch.setattr("pipelines.quality.engine.plan", spied)
    measure(office.path, expectations or office.expectations, office.last)
    return sorted(seen)


DAYS = ("intermediate.int_task_agency_days", ["4", "5"], 0)
ROWS = "intermediate.int_reported_tasks"


def test_nothing_new_is_not_judged(office, monkeypatch):
    before = measured(office.path)
    assert batches_of(office, monkeypatch) == [DAYS]
    assert measured(office.path) == before


def test_only_the_new_report_is_judged_and_no_copy_of_it_stays(office, monkeypatch):
    office.arrive()
    office.build(office.path, office.days())
    rows = len(office.reports["s2"])
    new = ("measured.unjudged_1", ["1", "2", "3", "6"], rows)
    assert batches_of(office, monkeypatch) == [DAYS, new]
    with connect(office.path, read_only=True) as connection:
        found = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'measured' order by all"
        ).fetchall()
    assert [name for (name,) in found] == sorted(TABLES)


def test_a_report_of_which_only_the_days_change_is_not_judged_again(office, monkeypatch):
    for rows in office.reports.values():
        for row in rows:
            row["valid_to"] += timedelta(days=30)
    office.build(office.path, office.days())
    assert batches_of(office, monkeypatch) == [DAYS]


def test_a_changed_rule_alone_is_judged_again_on_all_reports(office, monkeypatch):
    office.limit = 60
    office.has_pair = True
    everything = sum(len(rows) for rows in office.reports.values())
    found = batches_of(office, monkeypatch, office.rules())
    assert found == [(ROWS, ["1"], everything), DAYS]


def test_a_model_that_changes_has_all_rows_judged_again(office, monkeypatch):
    project = office.expectations.parent
    (project / "dbt_project" / "models").mkdir(parents=True)
    (project / "dbt_project" / "models" / "int_reported_tasks.sql").write_text("select 1")
    everything = sum(len(rows) for rows in office.reports.values())
    found = batches_of(office, monkeypatch)
    assert found == [(ROWS, ["1", "2", "3", "6"], everything), DAYS]


@pytest.mark.parametrize("number", [1, 2])
def test_a_kill_before_a_commit_leaves_what_was_there_and_the_next_run_ends_the_work(
    office, monkeypatch, number
):
    before = measured(office.path, {"standing_rows"})
    office.arrive()
    office.build(office.path, office.days())
    commits = []

    def killed(connection):
        commits.append(connection)
        if len(commits) == number:
            raise KeyboardInterrupt
        connection.execute("commit")

    with monkeypatch.context() as patched:
        patched.setattr(durable, "commit", killed)
        with pytest.raises(KeyboardInterrupt):
            measure(office.path, office.expectations, office.last)
    assert measured(office.path, {"standing_rows"}) == before
    measure(office.path, office.expectations, office.last)
    once = office.measure_all_at_once(office.expectations)
    assert measured(office.path, {"rule_outcomes"}) == measured(once, {"rule_outcomes"})


def test_a_rule_that_broke_is_judged_again_when_its_column_is_there(tmp_path):
    office = Office(tmp_path, random.Random(1))
    office.arrive()
    office.build(office.path, office.days())
    column = {"type": HIGH["type"], "kwargs": {"column": "no_such_column", "max_value": 0}}
    expectations, _ = make_register(tmp_path / "broken", column)
    (broken,) = measure(office.path, expectations, office.last).outcomes
    assert broken.error
    with connect(office.path) as connection:
        connection.execute(
            "alter table intermediate.int_reported_tasks add column no_such_column int default 1"
        )
    (mended,) = measure(office.path, expectations, office.last).outcomes
    rows = len(office.reports["s0"])
    assert (mended.error, mended.evaluated_count, mended.unexpected_count) == (None, rows, rows)


@pytest.mark.parametrize(
    ("definition", "level"), [(BY_DAY, "row"), (HIGH, "table"), ("select 1", "cell")]
)
def test_a_level_that_its_definition_belies_does_not_load(tmp_path, definition, level):
    folder, _ = make_register(tmp_path / "rules", definition, levels=[level])
    with pytest.raises(RegisterError, match=f"its definition is not of level {level}"):
        load_rules(folder)


def test_rules_about_cells_and_rows_are_most_of_the_register():
    once = [rule for rule in RULES if rule.is_once]
    assert len(once) > len(RULES) / 2
    assert {rule.definition for rule in once if rule.is_query} == {
        "sql/dossiers_resolved_do_not_add_up.sql"
    }
    assert load_rules(EXPECTATIONS) == RULES
