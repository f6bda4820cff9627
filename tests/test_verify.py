"""The proof of a release: that it holds, and that it sees whatever was changed."""

from __future__ import annotations

import json
import os
import shutil
from io import BytesIO
from pathlib import Path

import duckdb
import openpyxl
import pytest
from conftest import World
from rich.console import Console

from pipelines import frozen
from pipelines.published import NothingPublished, UnknownName
from pipelines.settings import Settings
from pipelines.tracing.trace import trace_cell
from pipelines.tracing.traced import SourceCell, Trace
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
    share = figures["F025"]
    assert share.value == pytest.approx(100 * (share.numerator or 0) / (share.denominator or 1))
    assert (figures["F028"].value, figures["F028"].cells) == (26, 3)
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


def test_names_a_share_of_services_that_does_not_follow(copied: Settings, release_id: str) -> None:
    rewrite(
        copied.archive / "releases" / release_id,
        "measures",
        "update t set value = value + 0.001 where agency_code = 'P01' "
        "and measure = 'online_dossier_share'",
    )
    differing = [proof.name for proof in verify(copied, release_id).proofs if not proof.holds]
    assert differing == ["online_dossier_share all programmes P01"]


@pytest.mark.parametrize(
    "change",
    [
        "numerator = numerator + 1",
        "numerator = 2 * numerator, denominator = 2 * denominator",
        "denominator = null",
    ],
)
def test_names_a_share_whose_parts_do_not_follow(
    copied: Settings, release_id: str, change: str
) -> None:
    """The share itself is right."""
    rewrite(
        copied.archive / "releases" / release_id,
        "measures",
        f"update t set {change} where agency_code = 'P01' and measure = 'online_dossier_share'",
    )
    found = verify(copied, release_id)
    assert not found.holds
    assert found.faults == ()
    (differing,) = (proof for proof in found.proofs if not proof.holds)
    assert differing.name == "online_dossier_share all programmes P01"
    assert differing.published == differing.value


def test_names_a_measure_that_nothing_is_behind(copied: Settings, release_id: str) -> None:
    """Whoever adds a measure cannot leave it unproved, not even one without a value."""
    rewrite(
        copied.archive / "releases" / release_id,
        "measures",
        "insert into t select * replace ('made_up' as measure, null as value) from t "
        "where measure = 'dossiers_received' and agency_code = 'all'",
    )
    differing = [proof.name for proof in verify(copied, release_id).proofs if not proof.holds]
    assert differing == ["made_up all programmes all"]


def test_names_what_another_cell_would_change(
    copied: Settings, small_world: World, release_id: str
) -> None:
    """A workbook that was exchanged, with its receipt and in the manifest."""
    key = "online_dossier_share//BCA"
    cells = trace_cell(small_world.database, "fct_measures", key, "value").cells
    behind = next(cell for cell in cells if cell.role == "numerator" and cell.value)
    before = exchange(copied, release_id, behind)
    found = verify(copied, release_id)
    differing = {proof.name for proof in found.proofs if not proof.holds}
    assert found.faults == ()
    assert before not in {path.name for path in copied.archive.iterdir()}
    assert {
        "online_dossier_share all programmes BCA",
        "scorecard online_dossier_share all programmes BCA",
        "online_dossier_share all programmes central",
        "dossiers_fully_online all programmes all",
    } < differing
    assert any(name.startswith("F025") for name in differing)
    assert not any("dossiers_received" in name or "tasks" in name for name in differing)


def exchange(settings: Settings, release_id: str, cell: SourceCell) -> str:
    """Put another number into a cell of an archived workbook, and its hash wherever it stands."""
    receipt = settings.archive / "receipts" / f"{cell.submission_id}.json"
    before = json.loads(receipt.read_text())["sha256"]
    path = settings.archive / before
    book = openpyxl.load_workbook(BytesIO(path.read_bytes()))
    assert cell.sheet_name
    assert cell.cell
    book[cell.sheet_name][cell.cell] = int(cell.value or 0) + 1
    book.save(settings.archive / "exchanged.xlsx")
    path.unlink()
    after = frozen.file_hash(settings.archive / "exchanged.xlsx")
    (settings.archive / "exchanged.xlsx").rename(settings.archive / after)
    for known in (receipt, settings.archive / "releases" / release_id / frozen.MANIFEST):
        known.write_text(known.read_text().replace(before, after))
    return before


def test_what_is_traced_adds_up_to_what_is_proved(small_world: World) -> None:
    """The published file leads to as many rows, and to the same sums, as the numbers say."""
    with duckdb.connect(str(small_world.database), read_only=True) as connection:
        rows = connection.execute(
            "select measure, f.programme_scope, agency_code, f.numerator, f.denominator, "
            "d.numerator, d.denominator from marts.fct_measures as f "
            "inner join marts.dim_measures as d using (measure) "
            "inner join history.releases as r on r.is_this_file and r.as_of_date = f.as_of_date "
            "where d.form != 'tasks' and d.numerator_slice is null "
            "and agency_code in ('all', 'provinces', 'BKHCN')"
        ).fetchall()
    assert len(rows) > 50
    for measure, scope, agency, numerator, denominator, of_numerator, of_denominator in rows:
        key = f"{measure}/{scope}/{agency}"
        found = trace_cell(small_world.database, "fct_measures", key, "value")
        said = total(found, "numerator", of_numerator), total(found, "denominator", of_denominator)
        assert (key, *said) == (key, numerator, denominator)


def total(found: Trace, role: str, what: str | None) -> int | None:
    if what is None or what == "rows":
        return found.row_count if what else None
    values = [cell.value for cell in found.cells if cell.role == role and cell.value]
    if what.startswith("distinct "):
        return len(set(values))
    words = {"true": 1, "false": 0}
    return sum(words[value] if value in words else int(value) for value in values)


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
