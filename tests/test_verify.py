"""The proof of a release: that it holds, and that it sees whatever was changed."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import duckdb
import pytest
from conftest import World
from rich.console import Console

from pipelines import frozen
from pipelines.published import NothingPublished, UnknownName
from pipelines.settings import Settings
from pipelines.verify import verify


@pytest.fixture
def copied(small_world: World, tmp_path: Path) -> Settings:
    """The archive of the small world, and nothing else, to change."""
    settings = Settings(data_root=tmp_path / "data", real_input=tmp_path)
    shutil.copytree(small_world.settings.archive, settings.archive)
    return settings


@pytest.fixture(scope="module")
def release_id(small_world: World) -> str:
    return frozen.read_manifest(small_world.settings.published)["release_id"]


def archived(settings: Settings, release_id: str, agency: str) -> Path:
    """The archived workbook of an agency."""
    submissions = frozen.read_manifest(settings.archive / "releases" / release_id)["submissions"]
    return settings.archive / next(
        sent["sha256"] for sent in submissions if sent["agency_code"] == agency
    )


def rewrite(folder: Path, table: str, statement: str) -> None:
    """Change a frozen table, and its manifest so that the hashes agree again."""
    path = folder / f"{table}.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table t as from '{path}'")
        connection.execute(statement)
        connection.execute(f"copy t to '{path}' (format parquet)")
    manifest = frozen.read_manifest(folder)
    manifest["tables"][table] = frozen.describe(path)
    frozen.write_manifest(folder, manifest)


def test_a_release_is_proved_from_the_archive_alone(copied: Settings, release_id: str) -> None:
    found = verify(copied, release_id)
    assert found.holds
    assert found.faults == ()
    figures = {proof.name.split()[0]: proof for proof in found.proofs if proof.name[0] == "F"}
    assert len(figures) > 20
    assert figures["F003"].numerator == figures["F003"].value
    assert figures["F003"].cells > 5 * (figures["F003"].numerator or 0) > 0
    assert figures["F003"].files > 1
    assert figures["F003"].verdict in {"MATCH (SAMPLE)", "DIFFERS"}
    tasks = next(proof for proof in found.proofs if proof.name == "status of each task")
    assert tasks.value == tasks.published
    assert any("cells in" in note for note in found.notes)
    assert set(found.hashes) == set(frozen.TABLES)


def test_the_published_one_is_the_default(small_world: World, release_id: str) -> None:
    found = verify(small_world.settings)
    assert (found.release_id, found.holds) == (release_id, True)
    console = Console(width=200, record=True, file=Path(os.devnull).open("w"))  # noqa: SIM115
    console.print(found)
    text = console.export_text()
    assert "all re-read equal" in text
    assert f"{release_id} is proved" in text


def test_names_a_workbook_that_was_changed(copied: Settings, release_id: str) -> None:
    path = archived(copied, release_id, "BCA")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    found = verify(copied, release_id)
    assert not found.holds
    assert any("the bytes are not those that came" in fault for fault in found.faults)


def test_names_a_workbook_that_is_gone(copied: Settings, release_id: str) -> None:
    archived(copied, release_id, "BCA").unlink()
    found = verify(copied, release_id)
    assert any("missing from the archive" in fault for fault in found.faults)


def test_names_a_number_that_does_not_follow(copied: Settings, release_id: str) -> None:
    """Even one whose hash was made to fit."""
    folder = copied.archive / "releases" / release_id
    rewrite(
        folder,
        "measures",
        "update t set value = value + 1, numerator = numerator + 1 where agency_code = 'all' "
        "and measure = 'tasks_overdue' and programme_scope = 'NQ71+KL'",
    )
    found = verify(copied, release_id)
    differing = [proof.name for proof in found.proofs if not proof.holds]
    assert differing == ["tasks_overdue NQ71+KL all"]
    assert found.faults == ()
    assert not found.holds


def test_names_a_task_whose_status_does_not_follow(copied: Settings, release_id: str) -> None:
    folder = copied.archive / "releases" / release_id
    rewrite(folder, "tasks", "update t set status = 'REGULAR' where task_code = 'KH02-009'")
    differing = [proof.name for proof in verify(copied, release_id).proofs if not proof.holds]
    assert differing == ["status of each task KH02-009"]


def test_names_a_scorecard_that_does_not_follow(copied: Settings, release_id: str) -> None:
    folder = copied.archive / "releases" / release_id
    rewrite(
        folder,
        "scorecards",
        "update t set tasks_led = tasks_led + 1 where agency_code = 'BCA' and programme_scope = ''",
    )
    differing = [proof.name for proof in verify(copied, release_id).proofs if not proof.holds]
    assert differing == ["scorecard tasks_led all programmes BCA"]


def test_names_a_number_that_is_left_out(copied: Settings, release_id: str) -> None:
    folder = copied.archive / "releases" / release_id
    rewrite(
        folder,
        "measures",
        "delete from t where measure = 'tasks_completed' and agency_code = 'P01' "
        "and programme_scope = 'KL'",
    )
    differing = [proof.name for proof in verify(copied, release_id).proofs if not proof.holds]
    assert differing == ["tasks_completed KL P01"]


def test_names_a_frozen_table_that_was_changed(copied: Settings, release_id: str) -> None:
    folder = copied.archive / "releases" / release_id
    shutil.copyfile(folder / "scores.parquet", folder / "measures.parquet")
    assert verify(copied, release_id).faults == (
        "archive: measures: other content than the manifest",
    )


def test_names_a_rule_set_that_was_changed(copied: Settings, release_id: str) -> None:
    manifest = frozen.read_manifest(copied.archive / "releases" / release_id)
    rules = copied.archive / "rule_sets" / manifest["rule_set_hash"]
    (rules / "dbt_project/seeds/windows.csv").write_text("window_start\n")
    (fault,) = verify(copied, release_id).faults
    assert "rule set" in fault


def test_names_a_decision_that_is_gone(copied: Settings, release_id: str) -> None:
    folder = copied.archive / "releases" / release_id
    manifest = frozen.read_manifest(folder)
    decision = {"decided_at": "2025-09-24T00:00:00Z", "kind": "held_submission"}
    manifest["decisions"] = [decision | {"key": "abc", "answer": "accept"}]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    found = verify(copied, release_id)
    assert "the decision on abc is missing from the archive" in found.faults


def test_unknown_release(copied: Settings) -> None:
    with pytest.raises(UnknownName, match="no-such-release"):
        verify(copied, "no-such-release")


def test_nothing_published(tmp_path: Path) -> None:
    with pytest.raises(NothingPublished):
        verify(Settings(data_root=tmp_path, real_input=tmp_path))
