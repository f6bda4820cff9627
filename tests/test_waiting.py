"""What waits for a person: all three kinds in one list, each answered by the command it shows."""

import json
import shlex
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from pipelines import corrections, raw_load, waiting, warehouse
from pipelines.cli import main
from pipelines.intake import archive
from pipelines.intake.archive import Decision, Receipt
from pipelines.raw_schema import HEADS, RECORDS, raw_tables
from pipelines.settings import Settings
from pipelines.workbook.template import load_templates

SEEN = datetime(2025, 9, 23, 8, tzinfo=UTC)
LATER = datetime(2025, 9, 24, 8, tzinfo=UTC)
FILE = "0123456789abcdef"
FINDING = "00ff00ff00ff00ff"
HEADER, ROW = "BTC|services|tong ho so nhan", "BTC|office_tasks|00ff"
HOSTILE = "[red]x|y\n'; rm -rf"


@pytest.fixture
def matched(settings):
    """A form whose rows are matched with a register by their words."""
    forms = waiting._forms(load_templates(settings.templates))
    found = [(name, form) for name, form in forms if form.match]
    return found[0] if found else None


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("NQ57_DATA", str(tmp_path / "data"))
    settings = Settings.from_environment()
    settings.data_root.mkdir()
    receipt = Receipt(FILE, "BTC", "inbox/BTC", "a.xlsx", "0" * 64, 3, SEEN, SEEN)
    archive.write_receipt(settings.archive, receipt)
    return settings


@pytest.fixture
def asked(settings, matched):
    """A release with a held file, a warehouse with a header and a row that wait."""
    release = settings.releases / "one"
    release.mkdir(parents=True)
    settings.published.symlink_to(release)
    with warehouse.connect(settings.published / "nq57.duckdb") as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.fct_submissions (submission_id varchar, agency_code varchar,"
            " file_name varchar, reporting_date date, reason_code varchar, reason_vi varchar,"
            " reason_en varchar, detail varchar, status varchar, received_at timestamp)"
        )
        connection.execute("create schema quality")
        connection.execute(
            "create table quality.findings as select * from (values"
            f" ('{FINDING}', 1, 'BTC', 'TSK-COR-001', 'NQ71-001', 'percent_complete'))"
            " as rows (finding_id, episode, agency_code, rule_id, record_key, column_name)"
        )
        held = "'BTC', 'a.xlsx', date '2025-09-23', 'rows_fell', 'ít dòng', 'rows fell', null"
        for form in ("HELD", "HELD", "ACCEPTED"):
            connection.execute(
                f"insert into marts.fct_submissions values ('{FILE}', {held}, '{form}', ?)", [SEEN]
            )
    with warehouse.connect(settings.warehouse) as connection:
        connection.execute("create schema raw")
        tables = RECORDS | HEADS | raw_tables(load_templates(settings.templates))
        for table, columns in tables.items():
            raw_load.create(connection, table, columns)

        def add(table, **row):
            raw_load.insert(connection, table, tables[table], [row])

        for name, at in (("s1", SEEN), ("s2", LATER)):
            add("receipts", submission_id=name, agency_code="BTC", received_at=at,
                file_name=f"{name}.xlsx")  # fmt: skip
            question = {"form": "services", "sheet_name": "Dịch vụ công", "score": 88.0,
                        "header_text": HOSTILE, "column_name": "dossiers_received"}  # fmt: skip
            add("header_questions", submission_id=name, verdict="asked", decision_key=HEADER,
                **question)  # fmt: skip
        add("header_questions", submission_id="s1", verdict="accepted", decision_key="BTC|x|y",
            **question)  # fmt: skip
        if matched:
            name, form = matched
            place = {"submission_id": "s2", "sheet_name": "Sheet1", "row_number": 12}
            add(form.raw_table or name, **place, **{f"{form.match.title}_raw": "Xây dựng nền tảng"})
            add(form.match.to, record_key="NQ71-007", submission_id="r", sheet_name="D",
                row_number=4, **{f"{form.match.title}_raw": "Xây dựng các nền tảng"})  # fmt: skip
            add("row_matches", **place, form=name, record_key="NQ71-007", basis="likeness",
                score=90.0, verdict="asked", decision_key=f"BTC|{name}|00ff")  # fmt: skip
    return settings


def call(*arguments):
    return CliRunner().invoke(main, ["decide", *arguments])


def commands(shown):
    lines = [line.strip() for line in shown.splitlines()]
    return [shlex.split(line)[2:4] for line in lines if line.startswith("nq57 decide")]


def test_all_that_waits_is_listed_with_the_command_that_answers_it(asked, matched):
    shown = call().stdout
    expected = [[FILE, "accept"], [HEADER, "dossiers_received"]]
    if matched:
        expected.append([f"BTC|{matched[0]}|00ff", "NQ71-007"])
        assert "“Xây dựng nền tảng” có phải là NQ71-007 “Xây dựng các nền tảng”?" in shown
        assert "Sheet1!12" in shown
    assert commands(shown) == expected
    assert "ít dòng · rows fell" in shown
    assert "BTC/s2.xlsx (Dịch vụ công)" in shown
    for key, answer in commands(shown):
        given = call(key, answer, "--by", "Nguyễn An", "--reason", "Đã gọi")
        assert given.exit_code == 0, given.output
    shown = call().stdout
    assert commands(shown) == []
    assert shown.count("answered: ") == len(expected)
    kinds = [one.kind for one in archive.read_decisions(asked.archive)]
    assert kinds == ["held_submission", "header_match", "row_match"][: len(expected)]


@pytest.mark.parametrize(
    ("key", "answer", "code", "said"),
    [
        (FILE, "perhaps", 2, "accept hoặc refuse"),
        ("fedcba9876543210", "accept", 1, "No file with the submission id"),
        (HEADER, "dossiers", 2, "dossiers_received"),
        (HEADER, "none", 0, "none"),
        ("BTC|services|never asked", "none", 1, "Chưa từng có câu hỏi"),
        ("|", "none", 1, "No question"),
    ],
)
def test_only_an_answer_that_makes_sense_is_kept(asked, key, answer, code, said):
    given = call(key, answer, "--by", "An", "--reason", "x")
    assert given.exit_code == code, given.output
    assert said in given.output
    assert len(archive.read_decisions(asked.archive)) == (code == 0)


def answer(key, word, *options):
    return call(key, word, *options, "--by", "Nguyễn An", "--reason", "Đã gọi")


def test_a_file_is_taken_back_and_brought_back(asked):
    assert answer(FILE, "keep").exit_code == 2
    assert answer("fedcba9876543210", "withdraw").exit_code == 1
    assert answer(FILE, "withdraw", "--until", "2099-01-01").exit_code == 2
    assert "is taken back or excepted" in call("--standing").stdout
    assert answer(FILE, "withdraw").exit_code == 0
    again = answer(FILE, "withdraw")
    assert (again.exit_code, "already" in again.output) == (2, True)
    # What is asked of the same file still waits.
    assert commands(call().stdout)[0] == [FILE, "accept"]
    shown = call("--standing").stdout
    assert "BTC/a.xlsx" in shown
    assert commands(shown) == [[FILE, "keep"]]
    assert answer(FILE, "keep").exit_code == 0
    assert commands(call("--standing").stdout) == []
    kept = [(one.kind, one.answer) for one in archive.read_decisions(asked.archive)]
    assert kept == [("withdrawal", "withdraw"), ("withdrawal", "keep")]


def test_a_finding_is_excepted_until_a_day(asked):
    assert answer(FINDING, "end").exit_code == 2
    assert answer(FINDING, "refuse").exit_code == 2
    assert answer(FINDING, "accept", "--until", "2025-01-01").exit_code == 2
    assert answer(FINDING, "accept", "--until", "tomorrow").exit_code == 2
    given = answer(FINDING, "accept", "--until", "2099-03-31")
    assert given.exit_code == 0, given.output
    shown = call("--standing").stdout
    assert commands(shown) == [[FINDING, "end"]]
    assert "TSK-COR-001 NQ71-001 percent_complete" in shown
    assert "2099-03-31" in shown
    assert answer(FINDING, "accept").exit_code == 0
    assert answer(FINDING, "end").exit_code == 0
    assert commands(call("--standing").stdout) == []
    kept = [(one.kind, one.answer) for one in archive.read_decisions(asked.archive)]
    assert kept == [("exception", "accept until 2099-03-31"), ("exception", "accept"),
                    ("exception", "end")]  # fmt: skip


def test_an_exception_past_its_last_day_is_no_more_in_force(asked):
    past = Decision(SEEN, "An", "exception", FINDING, "accept until 2025-09-30", "x")
    archive.append_decision(asked.archive, past)
    assert [one.key for one in corrections.standing(asked, LATER)] == [FINDING]
    assert commands(call("--standing").stdout) == []


@pytest.mark.parametrize("said", ["accept until tomorrow", "accept until 2025-02-30", "perhaps"])
def test_an_exception_that_ends_on_no_day_is_never_kept(asked, said):
    with pytest.raises(ValueError, match=r"isoformat|day is out of range"):
        Decision(SEEN, "An", "exception", FINDING, said, "x")
    line = {"decided_at": "2025-09-23T08:00:00Z", "decided_by": "An", "kind": "exception",
            "key": FINDING, "answer": said, "reason": "x"}  # fmt: skip
    (asked.archive / "decisions.jsonl").write_text(json.dumps(line) + "\n")
    with pytest.raises(archive.ArchiveDamaged):
        archive.read_decisions(asked.archive)


def test_a_row_is_answered_with_a_row_of_the_register(asked, matched):
    if not matched:
        pytest.fail("no template matches rows by their words")
    key = f"BTC|{matched[0]}|00ff"
    assert call(key, "NQ71-999", "--by", "An", "--reason", "x").exit_code == 2
    assert call(key, "none", "--by", "An", "--reason", "x").exit_code == 0


def test_a_run_that_goes_on_hides_only_what_it_is_changing(asked):
    with warehouse.lock(asked, "a run"):
        shown = call()
        assert shown.exit_code == 0
        assert commands(shown.stdout) == [[FILE, "accept"]]
        assert "a run" in shown.stdout
        assert call(FILE, "refuse", "--by", "An", "--reason", "x").exit_code == 0
        assert call(HEADER, "none", "--by", "An", "--reason", "x").exit_code == 1


def test_tables_of_an_older_load_are_not_missed(asked):
    with warehouse.connect(asked.warehouse) as connection:
        connection.execute("drop table raw.header_questions; drop table raw.row_matches")
    assert commands(call().stdout) == [[FILE, "accept"]]
    assert call(HEADER, "none", "--by", "An", "--reason", "x").exit_code == 1


def test_the_list_is_a_table_for_dagster(asked):
    with warehouse.connect(asked.warehouse) as connection:
        connection.execute(f"attach '{asked.published / 'nq57.duckdb'}' as release (read_only)")
        connection.execute("create schema marts")
        connection.execute(
            "create view marts.fct_submissions as from release.marts.fct_submissions"
        )
        found = waiting.questions(connection, asked)
    lines = waiting.as_markdown(found).splitlines()
    assert len(lines) == 2 + len(found)
    assert {line.replace("\\|", "").count("|") for line in lines} == {6}
    assert "nq57 decide 'BTC\\|services" in lines[3]
    assert "Nothing waits" in waiting.as_markdown([])
