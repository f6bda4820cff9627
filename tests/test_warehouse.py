"""Schema raw is what was known, whole or not at all; one run at a time."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import duckdb
import golden
import hypothesis
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from pipelines import raw_load, raw_schema, warehouse
from pipelines.intake import archive
from pipelines.intake.archive import Decision, Receipt
from pipelines.settings import Settings
from pipelines.warehouse import WarehouseBusy, load_raw
from pipelines.workbook import record
from pipelines.workbook.desk import Desk, Sent
from pipelines.workbook.record import write_reading
from pipelines.workbook.submission import read_file
from pipelines.workbook.template import load_templates

SEEN = datetime(2025, 9, 23, 8, 0, 0, tzinfo=UTC)
KEY = "key1"
FORMS = (
    *("tasks", "services", "datasets", "indicators", "commune_criteria"),
    *("register_tasks", "register_services", "register_datasets"),
    *("register_indicators", "register_criteria", "register_communes"),
)


@pytest.fixture
def settings(tmp_path):
    return Settings(data_root=tmp_path / "data", real_input=tmp_path / "none")


def receive(settings, identity, agency_code="BKHCN", received_at=SEEN) -> Receipt:
    receipt = Receipt(
        identity, agency_code, "inbox", "a.xlsx", "0" * 64, 3, received_at, received_at
    )
    archive.write_receipt(settings.archive, receipt)
    return receipt


def read(settings, identity, key=KEY, tables=None, **reading):
    """A reading as the reader leaves it."""
    folder = settings.raw / f"{identity}-{key}"
    folder.mkdir(parents=True)
    forms = [
        {
            "form": "tasks",
            "sheet_name": "Nhiệm vụ",
            "header_row": 3,
            "rows_received": 1,
            "missing_columns": ["evidence"],
            "unmatched_columns": [],
        }
    ]
    reading = {
        "submission_id": identity,
        "reading_key": key,
        "status": "READ",
        "reporting_date": "2025-09-23",
        "is_invented": True,
        "forms": forms,
        "notes": [],
        "header_questions": [],
        **reading,
    }
    (folder / "reading.json").write_text(json.dumps(reading))
    for name, columns in (tables or {}).items():
        parquet.write_table(pa.table(columns), folder / f"{name}.parquet")
        listed = {part: columns[part] for part in ("submission_id", "sheet_name", "row_number")}
        parquet.write_table(pa.table(listed), folder / "form_rows.parquet")


def task(identity, **columns):
    known = {"submission_id": [identity], "sheet_name": ["Nhiệm vụ"], "row_number": [4]}
    return known | {name: [value] for name, value in columns.items()}


def rows(settings, query):
    with warehouse.connect(settings.warehouse, read_only=True) as connection:
        return connection.execute(query).fetchall()


def shape(settings):
    return rows(
        settings,
        "select table_name, column_name, data_type from duckdb_columns()"
        " where schema_name = 'raw' order by all",
    )


def test_all_tables_are_there_when_nothing_was_read(settings):
    settings.data_root.mkdir()
    counts = load_raw(settings, KEY)
    assert (counts.receipts, counts.readings, counts.decisions, counts.unread) == (0, 0, 0, 0)
    types = {(table, column): kind for table, column, kind in shape(settings)}
    assert {table for table, _ in types} >= {
        "receipts",
        "readings",
        "reading_forms",
        "source_columns",
        "structure_rows",
        "form_rows",
        "gaps",
        "decisions",
        *FORMS,
    }
    assert types["tasks", "row_number"] == "INTEGER"
    assert types["tasks", "lead_agency"] == "VARCHAR[]"
    assert types["tasks", "percent_complete"] == "DOUBLE"
    assert types["tasks", "deadline"] == types["tasks", "completed_on"] == "DATE"
    assert {
        f"deadline_{part}"
        for part in ("raw", "state", "problem", "repair", "precision", "kind")
        if types["tasks", f"deadline_{part}"] == "VARCHAR"
    } == {f"deadline_{part}" for part in ["raw", "state", "problem", "repair", "precision", "kind"]}
    assert types["receipts", "received_at"] == types["decisions", "decided_at"] == "TIMESTAMP"
    assert types["receipts", "size_bytes"] == "BIGINT"
    assert types["reading_forms", "missing_columns"] == "VARCHAR[]"
    assert types["readings", "is_invented"] == "BOOLEAN"
    assert rows(settings, "select count(*) from raw.tasks") == [(0,)]


def test_shape_does_not_depend_on_what_was_read(settings):
    settings.data_root.mkdir()
    load_raw(settings, KEY)
    empty = shape(settings)
    receive(settings, "s1")
    read(settings, "s1", tables={"tasks": task("s1", task_code="NQ71-001")})
    load_raw(settings, KEY)
    assert shape(settings) == empty


def test_readings_are_loaded_with_their_types(settings):
    receive(settings, "s1")
    cells = task(
        "s1",
        task_code="NQ71-001",
        task_code_raw="nq71 - 1",
        task_code_state="present",
        lead_agency=["BKHCN", "G-ALL"],
        deadline=date(2025, 12, 31),
        deadline_precision="year",
        percent_complete=50,
        percent_complete_state="unreadable",
    )
    read(settings, "s1", tables={"tasks": cells}, claimed_agency_code="BKHCN")
    counts = load_raw(settings, KEY)
    assert (counts.readings, counts.rows["tasks"], counts.unread) == (1, 1, 0)
    query = """
        select sheet_name, row_number, task_code, task_code_raw, lead_agency, deadline,
            percent_complete, percent_complete_state, status, status_state
        from raw.tasks"""
    assert rows(settings, query) == [
        (
            "Nhiệm vụ",
            4,
            "NQ71-001",
            "nq71 - 1",
            ["BKHCN", "G-ALL"],
            date(2025, 12, 31),
            50.0,
            "unreadable",
            None,
            "blank",
        )
    ]
    assert rows(settings, "select reporting_date, is_invented, reason_code from raw.readings") == [
        (date(2025, 9, 23), True, None)
    ]
    forms = "select form, header_row, missing_columns, unmatched_columns from raw.reading_forms"
    assert rows(settings, forms) == [("tasks", 3, ["evidence"], [])]
    assert rows(settings, "select received_at from raw.receipts") == [(datetime(2025, 9, 23, 8),)]


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (("services", "procedure_code_suffix"), "VARCHAR"),
        (("services", "dossiers_received"), "BIGINT"),
        (("datasets", "is_connected"), "BOOLEAN"),
        (("indicators", "value"), "DOUBLE"),
        (("indicators", "value_upper_bound"), "DOUBLE"),
        (("indicators", "value_operator"), "VARCHAR"),
        (("indicators", "unit_scale"), "DOUBLE"),
        (("register_indicators", "target_on_precision"), "VARCHAR"),
        (("register_services", "agency_code"), "VARCHAR[]"),
        (("commune_criteria", "record_key"), "VARCHAR"),
        (("gaps", "row_number"), "INTEGER"),
    ],
)
def test_parts_of_values_have_their_types(settings, column, kind):
    settings.data_root.mkdir()
    load_raw(settings, KEY)
    types = {(table, name): of_type for table, name, of_type in shape(settings)}
    assert types[column] == kind


def test_a_workbook_of_all_forms_is_loaded_with_every_row(settings, tmp_path):
    path = golden.workbook_of(tmp_path / "report.xlsx", golden.SHEETS)
    desk = Desk.set_up(settings.seeds, settings.templates)
    receive(settings, "s1")
    folder = settings.raw / f"s1-{KEY}"
    folder.mkdir(parents=True)
    write_reading(read_file(Sent(path, "BKHCN", path.name), desk), "s1", KEY, folder)
    counts = load_raw(settings, KEY)
    assert {table: counts.rows[table] for table in FORMS if counts.rows[table]} == {
        **{"tasks": 1, "services": 2, "datasets": 1},
        **{"indicators": 3, "commune_criteria": 2},
    }
    assert rows(
        settings,
        """
        select record_key, value, value_operator, value_unit, unit, unit_scale, source_state
        from raw.indicators order by row_number limit 2""",
    ) == [
        ("GDP/2025-09-01", 3200, ">", None, "VND", 1e12, "blank"),
        (None, 40, "=", "percent", "percent", 1, "blank"),
    ]
    query = "select count(*) from raw.gaps where form = 'services' and state = 'unreadable'"
    assert rows(settings, query) == [(1,)]


def test_a_row_that_is_listed_nowhere_stops_the_load(settings):
    receive(settings, "s1")
    read(settings, "s1", tables={"tasks": task("s1", task_code="A")})
    (settings.raw / f"s1-{KEY}" / "form_rows.parquet").unlink()
    with pytest.raises(RuntimeError, match="does not list every row"):
        load_raw(settings, KEY)


def test_two_layouts_share_a_table(settings):
    """A column that only one of them has is blank in the rows of the other."""
    for identity in ("s1", "s2"):
        receive(settings, identity)
    one = task("s1", task_code="A", evidence="12/QĐ", evidence_state="present")
    read(settings, "s1", tables={"tasks": one})
    read(settings, "s2", tables={"tasks": task("s2", task_code="B", obstacles=None)})
    load_raw(settings, KEY)
    query = "select task_code, evidence, evidence_state from raw.tasks order by all"
    assert rows(settings, query) == [("A", "12/QĐ", "present"), ("B", None, "blank")]


def test_only_readings_of_receipts_and_of_this_reader_count(settings):
    receive(settings, "s1")
    receive(settings, "s2")
    read(settings, "s1")
    read(settings, "s1", key="older")
    read(settings, "nobody")
    counts = load_raw(settings, KEY)
    assert rows(settings, "select submission_id, reading_key from raw.readings") == [("s1", KEY)]
    assert (counts.receipts, counts.unread) == (2, 1)


def test_knowledge_ends_at_known_at(settings):
    for day in range(3):
        at = SEEN + timedelta(days=day)
        receive(settings, f"s{day}", received_at=at)
        read(settings, f"s{day}", tables={"tasks": task(f"s{day}", task_code="A")})
        decision = Decision(at, "someone", "held_submission", f"s{day}", "accept", "")
        archive.append_decision(settings.archive, decision)
    load_raw(settings, KEY, known_at=SEEN + timedelta(days=1))
    for table, column in (
        ("receipts", "submission_id"),
        ("readings", "submission_id"),
        ("tasks", "submission_id"),
        ("decisions", "key"),
    ):
        found = rows(settings, f"select {column} from raw.{table} order by 1")
        assert found == [("s0",), ("s1",)], table
    load_raw(settings, KEY)
    assert len(rows(settings, "select * from raw.decisions")) == 3


@pytest.mark.parametrize("large", [("s1",), ("s2",), ("s1", "s2")])
def test_large_and_small_readings_are_loaded_together(settings, tmp_path, monkeypatch, large):
    """The reader keeps the texts of large tables once each; what is loaded does not tell."""
    path = golden.workbook_of(tmp_path / "report.xlsx", golden.SHEETS)
    desk = Desk.set_up(settings.seeds, settings.templates)
    for identity in ("s1", "s2"):
        receive(settings, identity)
        folder = settings.raw / f"{identity}-{KEY}"
        folder.mkdir(parents=True)
        with monkeypatch.context() as patch:
            patch.setattr(record, "_MANY_ROWS", 0 if identity in large else 10_000)
            read = read_file(Sent(path, "BKHCN", path.name), desk)
            write_reading(read, identity, KEY, folder)
    load_raw(settings, KEY)
    for table in ("tasks", "services", "datasets", "indicators", "form_rows"):
        of_one, of_other = (
            rows(
                settings,
                f"select * exclude (submission_id) from raw.{table}"
                f" where submission_id = '{identity}' order by all",
            )
            for identity in ("s1", "s2")
        )
        assert of_one == of_other
        assert of_one


def test_many_readings_come_in_several_batches(settings, monkeypatch):
    monkeypatch.setattr(raw_load, "_BATCH", 2)
    for number in range(5):
        receive(settings, f"s{number}")
        read(settings, f"s{number}", tables={"tasks": task(f"s{number}", task_code="A")})
    assert load_raw(settings, KEY).rows["tasks"] == 5
    assert len(rows(settings, "select distinct submission_id from raw.tasks")) == 5


def content(path):
    """Every table of schema raw: its columns and its rows in an order of their own."""
    with warehouse.connect(path, read_only=True) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'raw'"
        ).fetchall()
        return {
            name: connection.execute(f"select * from raw.{name} order by all").fetchall()
            for (name,) in names
        }


STEPS = st.lists(
    st.sampled_from(["receive", "refuse", "read again", "forget", "known at", "load"]),
    min_size=4,
    max_size=12,
)


@given(steps=STEPS, dice=st.randoms(use_true_random=False))
@hypothesis.settings(max_examples=12, deadline=None)
def test_what_is_loaded_bit_by_bit_is_what_is_loaded_at_once(tmp_path_factory, steps, dice):
    root = tmp_path_factory.mktemp("bits")
    settings = Settings(data_root=root / "data", real_input=root)
    settings.data_root.mkdir()
    known_at = None
    for number, step in enumerate(["receive", "load", *steps]):
        there = sorted(settings.raw.glob("*"))
        if step == "receive":
            receive(settings, f"s{number}", received_at=SEEN + timedelta(days=number))
            cells = task(f"s{number}", task_code=f"A{number}", percent_complete=number)
            read(settings, f"s{number}", tables={"tasks": cells})
        elif step == "refuse":
            receive(settings, f"s{number}", received_at=SEEN + timedelta(days=number))
            read(settings, f"s{number}", status="REFUSED", forms=[])
        elif step == "known at":
            known_at = dice.choice([None, SEEN + timedelta(days=dice.randrange(number + 1))])
        elif step == "load":
            load_raw(settings, KEY, known_at)
        elif there:
            folder = dice.choice(there)
            shutil.rmtree(folder)
            if step == "read again":
                identity = folder.name.partition("-")[0]
                cells = task(identity, task_code=f"B{number}", evidence="12/QĐ")
                read(settings, identity, tables={"tasks": cells})
    counts = load_raw(settings, KEY, known_at)
    fresh = replace(settings, data_root=root / "fresh")
    shutil.copytree(settings.archive, fresh.archive)
    if settings.raw.is_dir():
        shutil.copytree(settings.raw, fresh.raw)
    assert counts == load_raw(fresh, KEY, known_at)
    assert content(settings.warehouse) == content(fresh.warehouse)


def test_a_reading_that_did_not_change_is_not_loaded_again(settings, monkeypatch):
    for identity in ("s1", "s2"):
        receive(settings, identity)
        read(settings, identity, tables={"tasks": task(identity, task_code="A")})
    load_raw(settings, KEY)
    receive(settings, "s3")
    read(settings, "s3", tables={"tasks": task("s3", task_code="B")})
    opened = []
    real = raw_load.ParquetFile
    monkeypatch.setattr(raw_load, "ParquetFile", lambda path: opened.append(path) or real(path))
    assert load_raw(settings, KEY).rows["tasks"] == 3
    assert {path.parent.name for path in opened} == {f"s3-{KEY}"}


@pytest.mark.parametrize(
    "damage",
    [
        "alter table raw.tasks add column more varchar",
        "alter table raw.tasks alter column row_number type bigint",
        "drop table raw.gaps",
        "drop table raw.loaded_readings",
        "insert into raw.readings (submission_id) values ('by hand')",
        "delete from raw.loaded_readings",
    ],
)
def test_tables_that_are_not_as_they_should_be_are_made_anew(settings, damage):
    receive(settings, "s1")
    read(settings, "s1", tables={"tasks": task("s1", task_code="A")})
    load_raw(settings, KEY)
    before, described = content(settings.warehouse), shape(settings)
    with warehouse.connect(settings.warehouse) as connection:
        connection.execute(damage)
    load_raw(settings, KEY)
    assert (content(settings.warehouse), shape(settings)) == (before, described)


def test_other_schemas_and_tables_stay(settings):
    settings.data_root.mkdir()
    with warehouse.connect(settings.warehouse) as connection:
        connection.execute("create schema marts; create table marts.a as select 1")
        connection.execute("create schema raw; create table raw.rules as select 1")
    load_raw(settings, KEY)
    assert rows(settings, "select * from marts.a, raw.rules") == [(1, 1)]


def test_a_failed_load_leaves_the_old_tables(settings):
    receive(settings, "s1")
    read(settings, "s1", tables={"tasks": task("s1", task_code="A")})
    load_raw(settings, KEY)
    receive(settings, "s2")
    read(settings, "s2", tables={"tasks": task("s2", deadline="no date")})
    with pytest.raises(duckdb.Error, match="no date"):
        load_raw(settings, KEY)
    assert rows(settings, "select submission_id from raw.receipts") == [("s1",)]
    assert rows(settings, "select submission_id from raw.tasks") == [("s1",)]


@pytest.mark.parametrize("content", [b"not a database" * 1000, b"", None])
def test_damaged_warehouse_is_built_anew(settings, caplog, content):
    receive(settings, "s1")
    load_raw(settings, KEY)
    whole = settings.warehouse.read_bytes()
    settings.warehouse.write_bytes(whole[:9000] if content is None else content)
    load_raw(settings, KEY)
    assert rows(settings, "select submission_id from raw.receipts") == [("s1",)]
    assert "is built anew" in caplog.text


def test_run_killed_while_loading_leaves_a_usable_warehouse(settings):
    receive(settings, "s1")
    load_raw(settings, KEY)
    receive(settings, "s2")
    program = (
        "import os, sys; from pathlib import Path; from pipelines import durable, warehouse;"
        " from pipelines.settings import Settings;"
        " durable.commit = lambda connection: (connection.execute('commit'), os._exit(9));"
        " warehouse.load_raw(Settings(Path(sys.argv[1]), Path('.')), 'key1')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(settings.data_root)], check=False, timeout=60
    )
    assert ended.returncode == 9
    assert settings.warehouse.with_name("warehouse.duckdb.wal").exists()
    assert len(rows(settings, "select * from raw.receipts")) == 2
    load_raw(settings, KEY)
    assert len(rows(settings, "select * from raw.receipts")) == 2


def test_second_run_is_told_who_holds_the_lock(settings):
    with warehouse.lock(settings, "run 2025-09-23"):
        with pytest.raises(WarehouseBusy) as raised, warehouse.lock(settings, "decide"):
            pytest.fail("two hold the lock")
        sentence = str(raised.value)
        assert "run 2025-09-23" in sentence
        assert f"tiến trình {os.getpid()}" in sentence
        assert f"process {os.getpid()}" in sentence
    with warehouse.lock(settings, "decide"):
        assert json.loads(settings.lock.read_text())["purpose"] == "decide"
    assert settings.lock.read_text() == ""


def test_lock_dies_with_its_process(settings):
    program = (
        "import sys, time; from pathlib import Path; from pipelines import warehouse;"
        " from pipelines.settings import Settings\n"
        "with warehouse.lock(Settings(Path(sys.argv[1]), Path('.')), 'other'):\n"
        "    print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(settings.data_root)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(WarehouseBusy, match=f"other, process {other.pid}"):
            warehouse.lock(settings, "mine").__enter__()
        other.send_signal(signal.SIGKILL)
        other.wait()
        with warehouse.lock(settings, "mine"):
            assert json.loads(settings.lock.read_text())["pid"] == os.getpid()


def test_database_that_another_program_has_open_is_busy_not_damaged(settings):
    receive(settings, "s1")
    load_raw(settings, KEY)
    program = (
        "import sys, duckdb, time; c = duckdb.connect(sys.argv[1], read_only=True);"
        " print('open', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(settings.warehouse)], stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout.readline() == "open\n"
        with pytest.raises(WarehouseBusy, match=str(reader.pid)):
            load_raw(settings, KEY)
        reader.kill()
    assert rows(settings, "select submission_id from raw.receipts") == [("s1",)]


def test_newest_reporting_date_is_of_reports_that_count(settings):
    settings.data_root.mkdir()
    load_raw(settings, KEY)
    assert warehouse.newest_reporting_date(settings.warehouse) is None
    sent = [
        ("s1", "BKHCN", {"reporting_date": "2025-07-20"}),
        ("s2", "BTC", {"reporting_date": "2025-09-23", "claimed_agency_code": "BTC"}),
        ("s3", "BTC", {"reporting_date": "2025-10-01", "claimed_agency_code": "BCA"}),
        ("s4", "BTC", {"reporting_date": "2025-10-02", "status": "REFUSED"}),
        ("s5", "BCD", {"reporting_date": "2025-10-03"}),
        ("s6", "BTC", {"reporting_date": None, "status": "REFUSED"}),
    ]
    for identity, agency_code, reading in sent:
        receive(settings, identity, agency_code)
        read(settings, identity, **reading)
    load_raw(settings, KEY)
    assert warehouse.newest_reporting_date(settings.warehouse) == date(2025, 9, 23)


def test_connections_speak_utc(tmp_path):
    with warehouse.connect(tmp_path / "a.duckdb") as connection:
        found = connection.execute(
            "select current_setting('TimeZone'), timestamptz '2025-09-23 15:00:00+07'::varchar"
        ).fetchone()
    assert found == ("UTC", "2025-09-23 08:00:00+00")


def test_templates_that_disagree_on_a_type_are_named(settings):
    templates = load_templates(settings.templates)
    first = next(template for template in templates if "tasks" in template.forms)
    form = first.forms["tasks"]
    changed = form.column("status").model_copy(update={"type": "percent"})
    other = first.model_copy(
        update={
            "template": "other",
            "forms": {"tasks": form.model_copy(update={"columns": (changed,)})},
        }
    )
    with pytest.raises(ValueError, match=r"other: tasks\.status is no double"):
        raw_schema.raw_tables([*templates, other])
