"""`nq57` as a person meets it: help, sentences, exit codes."""

import os
import re
from datetime import date

import chain
import pytest
from click.testing import CliRunner
from conftest import copy_project, nq57

from pipelines.cli import main
from pipelines.intake.archive import read_decisions
from pipelines.settings import Settings
from pipelines.warehouse import lock

COMMANDS = sorted(main.commands)


def call(*arguments: str, data_root=None, monkeypatch=None):
    if monkeypatch:
        monkeypatch.setenv("NQ57_DATA", str(data_root))
    return CliRunner().invoke(main, arguments)


def test_commands_are_those_of_the_interface():
    known = "certify check decide diff releases run sample template trace verify"
    assert known.split() == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command):
    result = call(command, "--help")
    assert result.exit_code == 0
    assert "Example" in result.output
    assert f"nq57 {command}" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--as-of", "31/12/2025"),
        ("run", "--known-at", "yesterday"),
        ("template",),
        ("trace",),
        ("trace", "fct_tasks", "NQ71-001"),
        ("decide", "0123456789abcdef"),
        ("decide", "0123456789abcdef", "perhaps", "--by", "A", "--reason", "B"),
        ("publish",),
        ("certify",),
        ("certify", "published", "--by", "An"),
    ],
)
def test_a_wrong_command_exits_2(arguments):
    assert call(*arguments).exit_code == 2


@pytest.mark.parametrize(
    "command",
    [
        ("decide",),
        ("template", "BKHCN"),
        ("trace", "F003"),
        ("certify", "published", "--by", "An", "--note", "x"),
    ],
)
def test_without_a_release_people_are_told_what_to_do(command, tmp_path, monkeypatch):
    result = call(*command, data_root=tmp_path, monkeypatch=monkeypatch)
    assert result.exit_code == 1
    assert "nq57 run" in result.stderr
    assert "Traceback" not in result.output


def test_answering_for_an_unknown_file_changes_nothing(tmp_path, monkeypatch):
    answer = ("decide", "0123456789abcdef", "accept", "--by", "An", "--reason", "Telephone")
    result = call(*answer, data_root=tmp_path, monkeypatch=monkeypatch)
    assert result.exit_code == 1
    assert "No file with the submission id" in result.stderr
    assert read_decisions(tmp_path / "archive") == []


def test_a_second_run_says_who_holds_the_data_root(settings):
    with lock(settings, "another run"):
        result = nq57(settings.data_root, "run")
    assert result.returncode == 1
    assert "another run" in result.stderr
    assert "Traceback" not in result.stdout + result.stderr


def test_an_empty_inbox_is_something_to_mend(settings):
    result = nq57(settings.data_root, "run")
    assert result.returncode == 1
    assert "nq57 sample" in result.stderr
    assert not settings.published.exists()


@pytest.mark.parametrize("day", ["2024-12-31", "9999-01-01"])
def test_a_day_that_no_run_can_report_is_said_in_a_sentence(tmp_path, monkeypatch, day):
    result = call("run", "--as-of", day, data_root=tmp_path, monkeypatch=monkeypatch)
    assert result.exit_code == 1
    assert f"No run can report {day}" in result.stderr
    assert "2025-01-01" in result.stderr
    assert not (tmp_path / "archive").exists()


def test_so_is_the_day_of_the_newest_report(tmp_path, monkeypatch):
    """Intake does its work first: the reports are kept, whatever their day."""
    from pipelines import run, warehouse

    real = run.execute

    def without_intake(settings, job, *others):
        return run.Outcome("r", tmp_path) if job == "intake" else real(settings, job, *others)

    monkeypatch.setattr(run, "execute", without_intake)
    monkeypatch.setattr(warehouse, "newest_reporting_date", lambda _: date(2024, 12, 20))
    result = call("run", data_root=tmp_path, monkeypatch=monkeypatch)
    assert result.exit_code == 1
    assert "2024-12-20, the day chosen or that of the newest report" in result.stderr


@pytest.mark.parametrize("moves", [True, False])
def test_what_fails_after_publishing_does_not_say_that_nothing_was(tmp_path, monkeypatch, moves):
    from pipelines import run

    def fail(settings, *_):
        if moves:
            settings.published.parent.mkdir(parents=True, exist_ok=True)
            settings.published.symlink_to(tmp_path / "releases" / "2025-03-28-abc")
        return run.Outcome("r", tmp_path / "log", failure="rules: the disk is full")

    monkeypatch.setattr(run, "execute", fail)
    result = call("run", "--as-of", "2025-03-28", data_root=tmp_path, monkeypatch=monkeypatch)
    assert result.exit_code == 1
    assert "the disk is full" in result.stderr
    assert ("Nothing was published" in result.stderr) is not moves
    assert ("Published: 2025-03-28-abc" in result.stderr) is moves


def test_a_run_shows_its_steps_and_where_the_results_are(small_world):
    for words in ("Read workbooks", "Build facts", "Publish", "Published figures", "Page"):
        assert words in small_world.output
    assert str(small_world.database) in small_world.output
    assert (small_world.settings.published / "index.html").exists()


def test_the_run_is_in_dagsters_records(small_world):
    from pipelines.defs.resources import instance

    runs = instance(small_world.settings).get_runs()
    assert {run.job_name: run.status.value for run in runs} == {
        "intake": "SUCCESS",
        "report": "SUCCESS",
    }


def test_every_day_that_was_built_is_reported(small_world):
    import dagster as dg

    from pipelines.defs.resources import instance

    records = instance(small_world.settings)
    for table in (["marts", "fct_tasks"], ["quality", "scores"]):
        days = records.get_materialized_partitions(dg.AssetKey(table))
        assert min(days) == "2025-07-20"
        assert max(days) == "2025-10-28"
        assert len(days) == 101
    assert records.get_materialized_partitions(dg.AssetKey(["history", "releases"])) == {
        "2025-10-28"
    }


def test_an_agencys_form_is_filled_in_from_the_register(small_world, tmp_path):
    result = small_world.nq57("template", "BKHCN", "-o", str(tmp_path / "form.xlsx"))
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "form.xlsx").stat().st_size > 10_000
    assert small_world.nq57("template", "NOBODY").returncode == 1


def test_a_file_with_another_agencys_name_waits_and_can_be_answered_for(small_copy):
    world = small_copy
    assert "Nothing waits" in world.nq57("decide").stdout
    sent = sorted((world.settings.inbox / "BCA").glob("*.xlsx"))[-1]
    wrong = world.settings.inbox / "BKHCN" / "wrong_agency.xlsx"
    wrong.write_bytes(sent.read_bytes())
    os.utime(wrong, (sent.stat().st_atime, sent.stat().st_mtime + 3600))
    chain.run(world.settings, date(2025, 10, 28))
    waiting = world.nq57("decide").stdout
    assert "BKHCN/wrong_agency.xlsx" in waiting
    submission = re.search(r"nq57 decide ([0-9a-f]{16}) accept", waiting)
    assert submission is not None
    answer = ("refuse", "--by", "An", "--reason", "Telephone")
    assert world.nq57("decide", submission[1], *answer).returncode == 0
    assert "answered: refuse" in world.nq57("decide").stdout
    assert [d.key for d in read_decisions(world.settings.archive)] == [submission[1]]


def test_a_list_that_contradicts_itself_is_stopped_by_a_gate(tmp_path):
    """What a run does then is looked at in `test_job.py`."""
    project = copy_project(tmp_path / "project")
    measures = project / "dbt_project" / "seeds" / "measures.csv"
    lines = measures.read_text(encoding="utf-8").splitlines()
    measures.write_text("\n".join([*lines, lines[-1]]) + "\n", encoding="utf-8")
    settings = Settings(tmp_path, real_input=tmp_path, project_root=project)
    with pytest.raises(chain.DbtFailed, match="unique_dim_measures"):
        chain.dbt(settings, "--select", "+dim_measures", gates=True)
