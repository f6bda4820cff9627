"""The daily job as a whole: the same again and again, whatever agencies send and whoever looks on.

A small world has published 2025-09-23 and 2025-10-28; each test goes on from a copy of it. Where
the command itself counts (exit codes, sentences, the lock, two processes at once), `nq57 run` is
called; elsewhere the functions of the job run one after the other in this process (`chain.py`).
"""

from __future__ import annotations

import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import chain
import duckdb
import golden
import pytest
from conftest import SMALL, command, copy_project, nq57
from openpyxl import Workbook, load_workbook

from pipelines import frozen, history, warehouse
from pipelines.intake.archive import read_decisions, read_receipts
from pipelines.release import Release
from pipelines.sample.write import write_sample
from pipelines.settings import Settings

EARLIER, AS_OF = date(2025, 9, 23), date(2025, 10, 28)
LATER = int(datetime(2025, 11, 3, 3, tzinfo=UTC).timestamp())
"""When what the tests add to an inbox was sent: after all of the sample."""


@dataclass(frozen=True)
class Published:
    """The small world after two runs."""

    settings: Settings
    earlier: Release
    newest: Release


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Published:
    folder = tmp_path_factory.mktemp("job")
    settings = Settings(folder / "data", real_input=folder, project_root=project)
    write_sample(settings, SMALL)
    return Published(settings, chain.run(settings, EARLIER), chain.run(settings, AS_OF))


def copied(settings: Settings, folder: Path, *names: str) -> Settings:
    """A copy of a data root, or of the parts named."""
    for name in names or [path.name for path in settings.data_root.iterdir()]:
        source, target = settings.data_root / name, folder / "data" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir() and not source.is_symlink():
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copy2(source, target, follow_symlinks=False)
    return replace(settings, data_root=folder / "data")


def database(settings: Settings) -> Path:
    return settings.published / "nq57.duckdb"


def ask(path: Path, query: str, *values: object) -> list[tuple]:
    with warehouse.connect(path, read_only=True) as connection:
        return connection.execute(query, list(values)).fetchall()


class TestAgain:
    def test_from_the_archive_alone(self, small: Published, tmp_path: Path) -> None:
        """Every published table again, earlier releases included; no inbox, no channels."""
        settings = copied(small.settings, tmp_path, "archive")
        again = chain.run(settings, AS_OF)
        assert (again.release_id, again.is_new) == (small.newest.release_id, False)
        first = chain.tables(small.newest.database)
        assert {name.split(".")[0] for name in first} == {"marts", "quality", "history"}
        assert {f'history."{table}"' for table in history.KEYS} < first.keys()
        assert chain.tables(database(settings)) == first
        assert ask(database(settings), "select release_id from history.releases order by all") == [
            (small.earlier.release_id,),
            (small.newest.release_id,),
        ]
        earlier = chain.run(settings, EARLIER)
        assert earlier.release_id == small.earlier.release_id
        assert not earlier.is_published
        assert settings.published.resolve().name == small.newest.release_id
        assert chain.tables(earlier.database) == chain.tables(small.earlier.database)
        assert frozen.check_release(earlier.frozen) == []

    def test_the_past_is_not_published_and_a_second_run_changes_nothing(
        self, small: Published, tmp_path: Path
    ) -> None:
        settings = copied(small.settings, tmp_path)
        known_at = datetime(2025, 10, 1, tzinfo=UTC)
        past = chain.run(settings, AS_OF, known_at)
        assert not past.is_published
        assert past.release_id != small.newest.release_id
        assert settings.published.resolve().name == small.newest.release_id
        assert ask(
            past.database,
            "select count(*) filter (received_at > $1), count(*) > 0 from marts.fct_submissions",
            known_at.replace(tzinfo=None),
        ) == [(0, True)]
        again = chain.run(settings, AS_OF)
        assert again.is_published
        assert (again.release_id, again.is_new) == (small.newest.release_id, False)
        assert chain.tables(database(settings)) == chain.tables(small.newest.database)
        # Nothing of the first publication is at hand now.
        shutil.rmtree(settings.releases)
        settings.published.unlink()
        chain.publish(settings, AS_OF)
        assert chain.tables(database(settings)) == chain.tables(small.newest.database)


BAD: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "BCA/noise.xlsx": (
        "REFUSED",
        "unreadable_file",
        lambda path: path.write_bytes(random.Random(57).randbytes(20_000)),
    ),
    "BCA/secret.xlsx": ("REFUSED", "password_protected", golden.password_protected),
    "BKHCN/bomb.xlsx": ("REFUSED", "hostile_file", golden.zip_bomb),
    "BKHCN/headings.xlsx": (
        "REFUSED",
        "no_rows",
        lambda path: golden.workbook(path, rows=(golden.HEADER,)),
    ),
    "P01/empty.xlsx": ("REFUSED", "no_rows", golden.empty_workbook),
    "XYZ/report.xlsx": ("REFUSED", "unknown_agency", golden.workbook),
}
HELD = "P01/of_another.xlsx"


def add_bad_files(settings: Settings) -> None:
    for name, (_, _, write) in BAD.items():
        path = settings.inbox / name
        path.parent.mkdir(exist_ok=True)
        write(path)
        os.utime(path, (LATER, LATER))
    theirs = settings.inbox / f"BCA/NQ57-01_BCA_{AS_OF}.xlsx"
    shutil.copyfile(theirs, settings.inbox / HELD)
    os.utime(settings.inbox / HELD, (LATER, LATER))


READER = """
import sys, duckdb
old = duckdb.connect(sys.argv[1], read_only=True)
old.execute("set enable_progress_bar = false")
old.execute("begin")
query = old.execute("select * from marts.fct_task_agencies order by all")
rows = len(query.fetchmany(10))
print("reading", flush=True)
sys.stdin.readline()
while block := query.fetchmany(1000):
    rows += len(block)
names = "select count(*) from marts.fct_submissions where file_name = 'noise.xlsx'"
release = "select release_id from history.releases where is_this_file"
print(rows, *old.execute(names).fetchone(), *old.execute(release).fetchone())
new = duckdb.connect(sys.argv[1], read_only=True)
print(*new.execute(names).fetchone(), *new.execute(release).fetchone())
"""


@dataclass(frozen=True)
class Disturbed:
    """One `nq57 run` over bad files, with a reader looking on and a second run beside it."""

    settings: Settings
    pid: int
    exit_code: int
    output: str
    second: subprocess.CompletedProcess[str]
    seen: list[list[str]]
    """What the reader saw over its old connection, then over a new one."""


@contextmanager
def reading(path: Path):
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout
    assert reader.stdout.readline() == "reading\n"
    try:
        yield reader
    finally:
        reader.kill()
        reader.wait()


@pytest.fixture(scope="module")
def disturbed(small: Published, tmp_path_factory: pytest.TempPathFactory) -> Disturbed:
    settings = copied(small.settings, tmp_path_factory.mktemp("disturbed"))
    add_bad_files(settings)
    project = settings.project_root
    with reading(database(settings)) as reader:
        run = subprocess.Popen(
            **command(settings.data_root, "run", "--as-of", f"{AS_OF}", project=project),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + 120
        while not (settings.lock.exists() and settings.lock.stat().st_size):
            assert run.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        second = nq57(settings.data_root, "run", project=project)
        output, _ = run.communicate()
        answer, _ = reader.communicate("\n")
    seen = [line.split() for line in answer.splitlines()]
    return Disturbed(settings, run.pid, run.returncode, output, second, seen)


class TestBadFiles:
    def test_the_run_does_its_work(self, disturbed: Disturbed) -> None:
        assert disturbed.exit_code == 0, disturbed.output
        assert "Traceback" not in disturbed.output

    @pytest.mark.parametrize("name", [*BAD, HELD])
    def test_each_is_set_aside_by_name(self, disturbed: Disturbed, name: str) -> None:
        agency, file_name = name.split("/")
        expected = BAD[name][:2] if name in BAD else ("HELD", "other_agency")
        found = ask(
            database(disturbed.settings),
            "select distinct status, reason_code, reason_vi, reason_en from marts.fct_submissions"
            " where agency_code = ? and file_name = ?",
            agency,
            file_name,
        )
        assert [row[:2] for row in found] == [expected]
        assert all(found[0][2:])
        page = (disturbed.settings.published / "index.html").read_text(encoding="utf-8")
        assert file_name in page
        assert found[0][2] in page
        line = next(line for line in disturbed.output.splitlines() if name in line)
        assert expected[0].lower() in line
        assert found[0][3] in line

    def test_all_that_was_known_stays_as_it_was(
        self, small: Published, disturbed: Disturbed
    ) -> None:
        before = chain.tables(small.newest.database)
        after = chain.tables(database(disturbed.settings))
        assert {name for name in before if before[name] != after[name]} == {
            'history."fct_submissions"',
            'history."release_causes"',
            'history."release_measures"',
            'history."release_scorecards"',
            'history."release_tasks"',
            'history."release_reconciliation"',
            'history."release_scores"',
            'history."release_rule_results"',
            'history."releases"',
            'marts."fct_submissions"',
            'quality."receipt_notes"',
            'quality."repairs"',
            'quality."source_columns"',
            'quality."unreadable_cells"',
        }
        added = "select agency_code || '/' || file_name from marts.fct_submissions"
        with warehouse.connect(database(disturbed.settings), read_only=True) as connection:
            connection.execute(f"attach '{small.newest.database}' as before (read_only)")
            difference = connection.execute(
                "select agency_code || '/' || file_name from"
                " (from marts.fct_submissions except from before.marts.fct_submissions)"
            ).fetchall()
            gone = connection.execute(
                "from before.marts.fct_submissions except from marts.fct_submissions"
            ).fetchall()
        assert {name for (name,) in difference} == {*BAD, HELD}
        assert gone == []
        assert len(ask(small.newest.database, added)) > 0


UNANSWERED = datetime(2026, 2, 1, tzinfo=UTC)
"""After all files of the tests had come, before anybody answered."""
WORDS = """
    select task_code, status_reported, percent_complete_pct, started_on, completed_on
    from marts.fct_task_agencies
    where as_of_date = $1 and agency_code = $2 and reported_on = $1 order by task_code"""


def save_as(source: Path, target: Path, change: Callable[[Workbook], object]) -> Path:
    """A workbook saved by another program, after a change."""
    book = load_workbook(source)
    change(book)
    book.save(target)
    os.utime(target, (LATER, LATER))
    return target


def rename_header(book: Workbook) -> None:
    """The status under a header that is only like it."""
    (cell,) = (
        cell
        for row in book["Nhiệm vụ"].iter_rows()
        for cell in row
        if " ".join(str(cell.value).split()).lower() == "trạng thái"
    )
    cell.value = "Trạng thái nv"


def list_without_code(path: Path, titles: list[str]) -> None:
    """Tasks told by words that are only like those of the register, all of them done."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append([f"(Số liệu tính đến ngày {AS_OF:%d/%m/%Y})"])
    sheet.append(["STT", "Tên nhiệm vụ", "Cơ quan chủ trì", "Tiến độ", "Ngày hoàn thành"])
    for number, title in enumerate(titles, start=1):
        words = title.split()
        near = " ".join([*words[: -max(2, len(words) // 6)], "theo", "kế", "hoạch"])
        sheet.append([number, near, "Bộ Khoa học và Công nghệ", "Đã hoàn thành", "15/10/2025"])
    book.save(path)
    os.utime(path, (LATER, LATER))


@dataclass(frozen=True)
class Answered:
    """The small world after a file saved again, a doubtful header and rows without code."""

    settings: Settings
    titles: dict[str, str]
    asked: Release
    questions: str
    answered: Release


@pytest.fixture(scope="module")
def answered(small: Published, tmp_path_factory: pytest.TempPathFactory) -> Answered:
    settings = copied(small.settings, tmp_path_factory.mktemp("answered"))
    inbox = settings.inbox
    file_of = {agency: inbox / agency / f"NQ57-01_{agency}_{AS_OF}.xlsx" for agency in SMALL}
    save_as(file_of["BCA"], inbox / "BCA" / "saved_again.xlsx", lambda _: None)
    save_as(file_of["P01"], inbox / "P01" / "other_header.xlsx", rename_header)
    titles = dict(
        ask(
            small.newest.database,
            "select task_code, title from marts.dim_tasks where lead_agencies = $1"
            " and length(title) > 60 order by task_code limit 3",
            "Bộ Khoa học và Công nghệ",
        )
    )
    list_without_code(inbox / "BKHCN" / "no_code.xlsx", [*titles.values()])
    asked = chain.run(settings, AS_OF)
    questions = nq57(settings.data_root, "decide").stdout
    for line in re.findall(r"(nq57 decide .*)", questions):
        key, answer = shlex.split(line)[2:4]
        by = ("--by", "Nguyễn An", "--reason", "Đã gọi")
        told = nq57(settings.data_root, "decide", key, answer, *by)
        assert told.returncode == 0, told.stderr
    return Answered(settings, titles, asked, questions, chain.run(settings, AS_OF))


class TestAnswers:
    def test_a_file_saved_again_is_no_new_version(
        self, small: Published, answered: Answered
    ) -> None:
        for release in answered.asked, answered.answered:
            assert ask(
                release.database,
                "select distinct status, reason_code from marts.fct_submissions"
                " where file_name = 'saved_again.xlsx'",
            ) == [("SUPERSEDED", "same_content")]
            after = ask(release.database, WORDS, AS_OF, "BCA")
            assert after == ask(small.newest.database, WORDS, AS_OF, "BCA")

    def test_every_question_is_listed_and_answering_all_leaves_none(
        self, answered: Answered
    ) -> None:
        status = (
            "select distinct status from marts.fct_submissions where file_name = 'no_code.xlsx'"
        )
        assert ask(answered.asked.database, status) == [("HELD",)]
        assert ask(answered.answered.database, status) == [("ACCEPTED",)]
        kinds = [one.kind for one in read_decisions(answered.settings.archive)]
        assert sorted(kinds) == ["header_match", "held_submission", *["row_match"] * 3]
        assert "Trạng thái nv" in answered.questions
        assert "Nothing waits" in nq57(answered.settings.data_root, "decide").stdout

    def test_values_arrive_with_the_answers(self, small: Published, answered: Answered) -> None:
        before = ask(answered.asked.database, WORDS, AS_OF, "P01")
        assert {status for _, status, *_ in before} == {None}
        after = ask(answered.answered.database, WORDS, AS_OF, "P01")
        assert after == ask(small.newest.database, WORDS, AS_OF, "P01")
        assert len({status for _, status, *_ in after}) > 2
        done = {
            code: completed_on
            for code, _, _, _, completed_on in ask(
                answered.answered.database, WORDS, AS_OF, "BKHCN"
            )
            if completed_on == date(2025, 10, 15)
        }
        assert len(done) == 3
        assert set(answered.titles) == set(done)

    def test_the_archive_alone_gives_both_states_again(
        self, answered: Answered, tmp_path: Path
    ) -> None:
        alone = copied(answered.settings, tmp_path, "archive")
        again = chain.run(alone, AS_OF)
        assert again.release_id == answered.answered.release_id
        assert chain.tables(again.database) == chain.tables(answered.answered.database)
        earlier = chain.run(alone, AS_OF, UNANSWERED)
        assert not earlier.is_published
        first = chain.tables(answered.asked.database, "marts", "quality")
        assert chain.tables(earlier.database, "marts", "quality") == first
        # Restated without a history, and the history: the same facts at every instant.
        for other, instant in (earlier.database, UNANSWERED), (again.database, datetime.max):
            for table, (missing, surplus, rows) in known_otherwise(again.database, other, instant):
                assert (missing, surplus) == (0, 0), table
                assert rows, table


def known_otherwise(
    database: Path, restated: Path, instant: datetime
) -> Iterator[tuple[str, tuple[int, int, int]]]:
    """By fact: rows that its history does not know, or no other does, and how many there are."""
    at = instant.replace(tzinfo=None, microsecond=0)
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute(f"attach '{restated}' as restated (read_only)")
        for table in history.KEYS:
            known = (
                f"select * exclude (known_from, known_to) from history.{table}"
                f" where known_from <= '{at}' and coalesce('{at}' < known_to, true)"
            )
            said = f"from restated.marts.{table}"
            counts = (
                f"select count(*) from ({one} except {other})"
                for one, other in ((said, known), (known, said))
            )
            query = f"select ({next(counts)}), ({next(counts)}), (select count(*) {said})"
            yield table, connection.execute(query).fetchall()[0]


class TestTogether:
    def test_a_reader_goes_on_in_what_it_had_opened(
        self, small: Published, disturbed: Disturbed
    ) -> None:
        before, after = disturbed.seen
        ((rows,),) = ask(small.newest.database, "select count(*) from marts.fct_task_agencies")
        assert before == [f"{rows}", "0", small.newest.release_id]
        newest = disturbed.settings.published.resolve().name
        assert newest != small.newest.release_id
        assert after == ["1", newest]

    def test_a_second_run_says_who_is_at_work(self, disturbed: Disturbed) -> None:
        assert disturbed.second.returncode == 1
        assert f"process {disturbed.pid} on" in disturbed.second.stderr
        assert f"tiến trình {disturbed.pid} trên" in disturbed.second.stderr
        assert "Traceback" not in disturbed.second.stdout + disturbed.second.stderr


GATE = """
{{ config(tags=["after_quality"]) }}
select * from {{ ref("scores") }} limit 3
"""


def test_a_failing_gate_stops_the_publication(small: Published, tmp_path: Path) -> None:
    """The last gates, after scores: all is built, and nothing of it is published."""
    settings = copied(small.settings, tmp_path)
    broken = copy_project(tmp_path / "project")
    gate = broken / "dbt_project" / "tests" / "assert_scores_are_ours.sql"
    gate.write_text(GATE, encoding="utf-8")
    released = sorted(settings.releases.iterdir())
    archived = sorted(settings.archive.rglob("*"))
    result = nq57(settings.data_root, "run", "--as-of", f"{AS_OF}", project=broken)
    assert result.returncode == 1
    assert "assert_scores_are_ours" in result.stderr
    assert "Nothing was published" in result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    failure = json.loads((settings.data_root / "last_failure.json").read_text(encoding="utf-8"))
    assert failure["step"] == "scores"
    assert "assert_scores_are_ours" in failure["sentence"]
    assert settings.published.resolve().name == small.newest.release_id
    assert sorted(settings.releases.iterdir()) == released
    assert sorted(settings.archive.rglob("*")) == archived
    assert chain.tables(database(settings)) == chain.tables(small.newest.database)


DONE_ON_TIME = """
    select facts.task_code, facts.lead_agency_code, receipts.sha256, receipts.file_name,
        own.sheet_name, letters.column_letter || own.row_number as cell
    from marts.fct_tasks as facts
    inner join marts.fct_task_agencies as own
        on facts.as_of_date = own.as_of_date and facts.task_code = own.task_code
        and facts.lead_agency_code = own.agency_code
    inner join marts.fct_submissions as receipts using (submission_id)
    inner join quality.source_columns as letters
        on own.submission_id = letters.submission_id and own.sheet_name = letters.sheet_name
        and letters.form = 'tasks' and letters.column_name = 'completed_on'
    where facts.as_of_date = date '2025-09-23' and own.reported_on = date '2025-09-23'
        and facts.status = 'DONE_ON_TIME' and facts.deadline > date '2025-10-28'
        and facts.completed_on > date '2025-07-20' and facts.programme_code = 'NQ71'
        and facts.task_code in (
            select task_code from marts.bridge_task_agencies where role = 'lead'
            group by task_code having count(*) = 1)
    order by all"""


def rewritten(source: Path, target: Path, sheet: str, cell: str, text: str) -> None:
    """The workbook with another text in one cell, all else as it was to the byte."""
    book = load_workbook(source, read_only=True)
    part = f"xl/worksheets/sheet{book.sheetnames.index(sheet) + 1}.xml"
    book.close()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == part:
                there = rf'<c r="{cell}"[^>]*?(/>|>.*?</c>)'.encode()
                put = f'<c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c>'.encode()
                content, count = re.subn(there, put, content)
                assert count == 1
            new.writestr(name, content, zipfile.ZIP_DEFLATED)


@pytest.fixture(scope="module")
def corrected(full_world, project: Path, tmp_path_factory: pytest.TempPathFactory):
    """The whole sample, in which one agency sends 2025-09-23 again with one date changed."""
    folder = tmp_path_factory.mktemp("corrected")
    whole = replace(full_world.settings, project_root=project)
    settings = copied(whole, folder, "archive", "inbox", "channels.yml", "raw")
    task, agency, sha256, file_name, sheet, cell = ask(full_world.database, DONE_ON_TIME)[0]
    source, target = (settings.inbox / agency / f"{name}{file_name}" for name in ("", "corrected_"))
    # Known on 23 September, the task now ends three weeks later: still before its deadline.
    rewritten(source, target, sheet, cell, "15/10/2025")
    os.utime(target, (LATER, LATER))
    made = chain.run(settings, AS_OF)
    return task, agency, sha256, full_world.database, made


def changed(before: Path, after: Path, table: str, columns: str) -> set[tuple]:
    new, old = f"select {columns} from {table}", f"select {columns} from before.{table}"
    with warehouse.connect(after, read_only=True) as connection:
        connection.execute(f"attach '{before}' as before (read_only)")
        query = f"({new} except {old}) union ({old} except {new})"
        return set(connection.execute(query).fetchall())


class TestCorrection:
    def test_moves_the_figure_by_one(self, corrected) -> None:
        _, _, _, before, made = corrected
        figure = (
            "select published_value, computed_value, verdict from marts.reconciliation"
            " where figure_id = 'F003'"
        )
        assert ask(before, figure) == [(270, 270, "MATCH")]
        assert ask(made.database, figure) == [(270, 269, "DIFFERS")]
        assert made.is_published

    def test_replaces_the_version_before(self, corrected) -> None:
        _, _, sha256, before, made = corrected
        status = "select distinct status from marts.fct_submissions where sha256 = ?"
        assert ask(before, status, sha256) == [("ACCEPTED",)]
        assert ask(made.database, status, sha256) == [("SUPERSEDED",)]
        receipts = ask(
            made.database,
            "select status, reporting_date from marts.fct_submissions"
            " where starts_with(file_name, 'corrected_') group by all",
        )
        assert receipts == [("ACCEPTED", EARLIER)]

    def test_changes_one_task_on_the_days_between(self, corrected) -> None:
        task, agency, _, before, made = corrected
        columns = "as_of_date, task_code, status, completed_on"
        days = changed(before, made.database, "marts.fct_tasks", columns)
        assert {code for _, code, _, _ in days} == {task}
        assert min(days)[0] == EARLIER
        assert max(days)[0] < AS_OF
        own = changed(
            before,
            made.database,
            "marts.fct_task_agencies",
            "as_of_date, task_code, agency_code, status, completed_on",
        )
        assert {row[1:3] for row in own} == {(task, agency)}
        on_the_day = {
            database: ask(
                database,
                "select status, completed_on from marts.fct_tasks"
                " where task_code = ? and as_of_date = ?",
                task,
                EARLIER,
            )
            for database in (before, made.database)
        }
        assert on_the_day[before][0][0] == "DONE_ON_TIME"
        assert on_the_day[made.database] == [("IN_PROGRESS_ON_TIME", None)]

    def test_changes_no_other_measure(self, corrected) -> None:
        _, agency, _, before, made = corrected
        columns = "as_of_date, measure, programme_scope, agency_code, window_start, value"
        rows = changed(before, made.database, "marts.fct_measures", columns)
        assert {row[3] for row in rows} <= {"all", "central", "provinces", agency}
        assert {row[3] for row in rows} >= {"all", agency}
        scopes = {row[2] for row in rows}
        assert all(scope == "" or "NQ71" in scope.split("+") for scope in scopes)
        assert {row[1] for row in rows if row[4] is None} == {
            "tasks_completed",
            "tasks_completed_on_time",
            "tasks_in_progress",
            "on_time_share_of_done",
            "on_time_share_of_due",
        }
        assert {row[1] for row in rows if row[4]} == {"tasks_completed_in_window"}
        with warehouse.connect(made.database, read_only=True) as connection:
            connection.execute(f"attach '{before}' as before (read_only)")
            moved = connection.execute(
                "select distinct measure, after.value - old.value from marts.fct_measures as after"
                " inner join before.marts.fct_measures as old"
                " using (as_of_date, measure, programme_scope, agency_code)"
                " where after.window_start is not distinct from old.window_start"
                " and after.window_start is null and measure like 'tasks%'"
                " and as_of_date = date '2025-09-23' and after.value <> old.value"
            ).fetchall()
        assert set(moved) == {
            ("tasks_completed", -1),
            ("tasks_completed_on_time", -1),
            ("tasks_in_progress", 1),
        }

    def test_is_one_new_receipt(self, corrected, full_world) -> None:
        *_, made = corrected
        archive = made.frozen.parent.parent
        assert len(read_receipts(archive)) == len(read_receipts(full_world.settings.archive)) + 1
