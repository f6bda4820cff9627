"""What is archived comes back as it was, and nothing that was kept is lost."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.intake import archive
from pipelines.intake.archive import ArchiveDamaged, Decision, Receipt, SourceUnreadable

SENT = datetime(2025, 9, 22, 1, 2, 3, 456789, tzinfo=UTC)
SEEN = datetime(2025, 9, 23, 15, 0, 0, tzinfo=timezone(timedelta(hours=7)))
DECISION = Decision(SEEN, "Nguyễn Văn A", "held_submission", "abc", "accept", "đã gọi điện\nxong")


@pytest.fixture
def workbook(tmp_path):
    path = tmp_path / "Báo cáo.xlsx"
    path.write_bytes(b"bytes of a workbook")
    return path


def store(folder, path, agency_code="BKHCN") -> Receipt:
    return archive.store(folder, agency_code, f"inbox/{agency_code}", path, SENT, SEEN)


def test_bytes_and_receipt_are_kept(tmp_path, workbook):
    receipt = store(tmp_path / "archive", workbook)
    sha256 = hashlib.sha256(b"bytes of a workbook").hexdigest()
    assert receipt == Receipt(
        submission_id=hashlib.sha256(f"BKHCN|{sha256}".encode()).hexdigest()[:16],
        agency_code="BKHCN",
        channel="inbox/BKHCN",
        file_name="Báo cáo.xlsx",
        sha256=sha256,
        size_bytes=19,
        sent_at=datetime(2025, 9, 22, 1, 2, 3, tzinfo=UTC),
        received_at=datetime(2025, 9, 23, 8, 0, 0, tzinfo=UTC),
    )
    stored = archive.stored_file(tmp_path / "archive", receipt)
    assert stored.read_bytes() == workbook.read_bytes()
    assert archive.read_receipts(tmp_path / "archive") == [receipt]


def test_receipt_on_disk_is_plain_json(tmp_path, workbook):
    receipt = store(tmp_path, workbook)
    written = json.loads((tmp_path / "receipts" / f"{receipt.submission_id}.json").read_text())
    assert written["received_at"] == "2025-09-23T08:00:00Z"
    assert written["file_name"] == "Báo cáo.xlsx"
    assert (written["status"], written["reason_code"], written["detail"]) == (
        "RECEIVED",
        None,
        None,
    )


def test_same_bytes_of_two_agencies_are_stored_once(tmp_path, workbook):
    first, second = (store(tmp_path / "archive", workbook, code) for code in ("BKHCN", "BTC"))
    assert first.submission_id != second.submission_id
    assert first.sha256 == second.sha256
    assert len(archive.read_receipts(tmp_path / "archive")) == 2


def test_damaged_bytes_are_mended_by_the_same_file(tmp_path, workbook):
    receipt = store(tmp_path / "archive", workbook)
    stored = archive.stored_file(tmp_path / "archive", receipt)
    stored.write_bytes(b"rotten")
    store(tmp_path / "archive", workbook)
    assert stored.read_bytes() == workbook.read_bytes()


def test_a_file_that_changes_while_read_leaves_nothing(tmp_path, workbook):
    receipt = archive.describe("BKHCN", "inbox/BKHCN", workbook, SENT, SEEN)
    workbook.write_bytes(b"other bytes")
    with pytest.raises(SourceUnreadable, match="changed"):
        archive.keep(tmp_path / "archive", workbook, receipt)
    assert archive.read_receipts(tmp_path / "archive") == []
    assert list((tmp_path / "archive").iterdir()) == []


def test_a_file_that_went_away_is_unreadable(tmp_path):
    with pytest.raises(SourceUnreadable, match=r"gone\.xlsx"):
        store(tmp_path, tmp_path / "gone.xlsx")


def test_receipts_come_in_the_order_of_knowledge(tmp_path, workbook):
    receipt = store(tmp_path, workbook)
    for number in (2, 0, 1):
        received_at = receipt.received_at + timedelta(days=number)
        later = replace(receipt, submission_id=f"{9 - number}", received_at=received_at)
        archive.write_receipt(tmp_path, later)
    days = [one.received_at.day for one in archive.read_receipts(tmp_path)]
    assert days == [23, 23, 24, 25]


def test_damaged_receipt_is_named(tmp_path, workbook):
    receipt = store(tmp_path, workbook)
    (tmp_path / "receipts" / f"{receipt.submission_id}.json").write_text('{"submission_id": 3')
    with pytest.raises(ArchiveDamaged, match=receipt.submission_id):
        archive.read_receipts(tmp_path)


def test_no_archive_is_an_empty_archive(tmp_path):
    assert archive.read_receipts(tmp_path / "none") == []
    assert archive.read_decisions(tmp_path / "none") == []


def test_decisions_keep_their_order_and_text(tmp_path):
    decisions = [replace(DECISION, key=str(number)) for number in range(3)]
    for decision in decisions:
        archive.append_decision(tmp_path, decision)
    assert archive.read_decisions(tmp_path) == decisions
    assert len((tmp_path / "decisions.jsonl").read_text(encoding="utf-8").splitlines()) == 3


@given(cut=st.integers(min_value=1))
def test_a_line_torn_anywhere_is_ignored_for_ever(tmp_path_factory, cut):
    folder = tmp_path_factory.mktemp("archive")
    path = folder / "decisions.jsonl"
    archive.append_decision(folder, DECISION)
    whole = path.read_bytes()
    second = whole.rstrip(b"\n")
    path.write_bytes(whole + second[: cut % (len(second) - 1) + 1])
    assert archive.read_decisions(folder) == [DECISION]
    archive.append_decision(folder, DECISION)
    assert archive.read_decisions(folder) == [DECISION, DECISION]


def test_a_torn_line_is_named(tmp_path, caplog):
    archive.append_decision(tmp_path, DECISION)
    with (tmp_path / "decisions.jsonl").open("a") as handle:
        handle.write('{"decided_at": "2025')
    archive.read_decisions(tmp_path)
    assert "decisions.jsonl, line 2: torn" in caplog.text


def test_last_line_without_line_feed_counts(tmp_path):
    """As an editor may leave it."""
    path = tmp_path / "decisions.jsonl"
    archive.append_decision(tmp_path, DECISION)
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    archive.append_decision(tmp_path, DECISION)
    assert archive.read_decisions(tmp_path) == [DECISION, DECISION]


def test_a_line_that_is_no_decision_stops_the_run(tmp_path):
    (tmp_path / "decisions.jsonl").write_text('{"answer": "accept"}\n')
    with pytest.raises(ArchiveDamaged, match="line 1"):
        archive.read_decisions(tmp_path)


def test_rule_set_is_kept_once(tmp_path):
    rules = tmp_path / "rules.csv"
    rules.write_text("first")
    files = {"expectations/rules.csv": rules, "dbt_project/models/a.sql": rules}
    target = archive.store_rule_set(tmp_path / "archive", files, "h1")
    rules.write_text("second")
    assert archive.store_rule_set(tmp_path / "archive", files, "h1") == target
    assert target == tmp_path / "archive" / "rule_sets" / "h1"
    kept = {str(path.relative_to(target)): path.read_text() for path in target.rglob("*.*")}
    assert kept == dict.fromkeys(files, "first")
