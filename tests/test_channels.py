"""Every file of every channel is taken once, or refused by name."""

import os
import shutil
from datetime import UTC, datetime

import pytest

from pipelines.intake import archive, channels
from pipelines.intake.channel_list import ChannelsError, load_channels
from pipelines.intake.channels import PullSummary, pull
from pipelines.settings import Settings

NOW = datetime(2025, 9, 23, 8, 0, 0, tzinfo=UTC)
LATER = datetime(2025, 9, 24, 8, 0, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path):
    return Settings(data_root=tmp_path / "data", real_input=tmp_path / "none")


def put(settings, name, content=b"workbook", at=1_758_500_000.75):
    path = settings.data_root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (at, at))
    return path


def receipts(settings):
    return archive.read_receipts(settings.archive)


def named(settings):
    return {(one.agency_code, one.file_name): one.reason_code for one in receipts(settings)}


def test_no_inbox_is_no_news(settings):
    assert pull(settings, NOW) == PullSummary()


def test_folders_of_the_inbox_are_channels(settings):
    put(settings, "inbox/BKHCN/a.xlsx", b"1")
    put(settings, "inbox/BCD/danh mục.xlsx", b"2")
    put(settings, "inbox/P01/2025/tháng 9/b.csv", b"3")
    assert pull(settings, NOW) == PullSummary(new=3)
    assert named(settings) == {
        ("BKHCN", "a.xlsx"): None,
        ("BCD", "danh mục.xlsx"): None,
        ("P01", "b.csv"): None,
    }
    first = next(one for one in receipts(settings) if one.agency_code == "BKHCN")
    assert (first.channel, first.received_at) == ("inbox/BKHCN", NOW)
    assert first.sent_at == datetime.fromtimestamp(1_758_500_000, UTC)


def test_pulling_again_changes_nothing(settings):
    put(settings, "inbox/BKHCN/a.xlsx")
    put(settings, "inbox/BKHCN/copy of a.xlsx")
    assert pull(settings, NOW) == PullSummary(new=1, known=1)
    before = receipts(settings)
    assert pull(settings, LATER) == PullSummary(known=2)
    assert receipts(settings) == before


def test_new_bytes_under_an_old_name_are_a_new_submission(settings):
    path = put(settings, "inbox/BKHCN/a.xlsx", b"first")
    pull(settings, NOW)
    times = path.stat()
    path.write_bytes(b"secon")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert pull(settings, LATER) == PullSummary(new=1)
    assert [one.received_at for one in receipts(settings)] == [NOW, LATER]


def test_locks_hidden_and_unfinished_files_are_left(settings):
    for name in (".hidden.xlsx", "~$a.xlsx", "a.xlsx.tmp", ".git/b.xlsx"):
        put(settings, f"inbox/BKHCN/{name}")
    assert pull(settings, NOW) == PullSummary()


@pytest.mark.parametrize("code", ["G-ALL", "BKHCN2", "bkhcn"])
def test_unknown_agency_is_refused_by_name_and_kept(settings, code):
    put(settings, f"inbox/{code}/a.xlsx")
    put(settings, "inbox/BTC/a.xlsx")
    expected = PullSummary(new=1, refused=1, by_reason={"unknown_agency": 1})
    assert pull(settings, NOW) == expected
    refused = next(one for one in receipts(settings) if one.agency_code == code)
    assert (refused.status, refused.reason_code, refused.detail) == (
        "REFUSED",
        "unknown_agency",
        code,
    )
    assert archive.stored_file(settings.archive, refused).read_bytes() == b"workbook"
    assert pull(settings, LATER) == PullSummary(known=1, refused=1, by_reason={"unknown_agency": 1})


@pytest.mark.parametrize("code", ["T24", "BTTTT"])
def test_an_abolished_agency_is_taken_in(settings, code):
    """Of the days on which it existed it may speak; its date says whether it does."""
    put(settings, f"inbox/{code}/a.xlsx")
    assert pull(settings, NOW) == PullSummary(new=1)


def test_too_large_file_is_refused_without_its_bytes(settings, monkeypatch):
    monkeypatch.setattr(channels, "MAX_BYTES", 10)
    put(settings, "inbox/BKHCN/a.xlsx", b"x" * 11)
    put(settings, "inbox/BKHCN/b.xlsx", b"x" * 10)
    assert pull(settings, NOW) == PullSummary(new=1, refused=1, by_reason={"too_large": 1})
    large = next(one for one in receipts(settings) if one.status == "REFUSED")
    assert (large.reason_code, large.detail, large.size_bytes) == (
        "too_large",
        "11 > 10 bytes",
        11,
    )
    assert not archive.stored_file(settings.archive, large).exists()


def test_refused_file_is_received_once_nothing_speaks_against_it(settings, monkeypatch):
    put(settings, "inbox/BKHCN/a.xlsx", b"x" * 11)
    with monkeypatch.context() as patched:
        patched.setattr(channels, "MAX_BYTES", 10)
        pull(settings, NOW)
    assert pull(settings, LATER) == PullSummary(new=1)
    (receipt,) = receipts(settings)
    assert (receipt.status, receipt.received_at) == ("RECEIVED", LATER)


def test_links_out_of_the_channel_are_not_followed(settings, tmp_path, caplog):
    secret = tmp_path / "secret.xlsx"
    secret.write_bytes(b"secret")
    inside = put(settings, "inbox/BKHCN/sub/a.xlsx")
    folder = settings.inbox / "BKHCN"
    (folder / "out.xlsx").symlink_to(secret)
    (folder / "broken.xlsx").symlink_to(tmp_path / "nothing")
    (folder / "tree").symlink_to(tmp_path)
    (folder / "again.xlsx").symlink_to(inside)
    (settings.inbox / "BTC").symlink_to(tmp_path)
    expected = PullSummary(new=1, known=1, refused=4, by_reason={"link_not_followed": 4})
    assert pull(settings, NOW) == expected
    assert [one.size_bytes for one in receipts(settings)] == [len(b"workbook")]
    assert all(name in caplog.text for name in ("out.xlsx", "broken.xlsx", "tree", "inbox/BTC"))


def test_file_beside_the_channels_is_named(settings, caplog):
    put(settings, "inbox/lost.xlsx")
    assert pull(settings, NOW) == PullSummary(refused=1, by_reason={"no_channel": 1})
    assert "lost.xlsx" in caplog.text


def test_file_that_goes_away_meanwhile_does_not_stop_the_others(settings, monkeypatch):
    gone = put(settings, "inbox/BKHCN/a.xlsx")
    put(settings, "inbox/BTC/b.xlsx")
    describe = archive.describe

    def describe_late(agency_code, channel, path, *known):
        if path == gone:
            gone.unlink()
        return describe(agency_code, channel, path, *known)

    monkeypatch.setattr(archive, "describe", describe_late)
    expected = PullSummary(new=1, refused=1, by_reason={"not_readable_yet": 1})
    assert pull(settings, NOW) == expected


def test_names_are_only_text(settings):
    name = os.fsdecode(b"b\xe1o c\xe1o\n.xlsx")
    put(settings, f"inbox/BKHCN/{name}")
    put(settings, "inbox/$(rm -rf)/..xlsx.csv")
    assert pull(settings, NOW).new == 1
    assert named(settings)["BKHCN", "b�o c�o�.xlsx"] is None


def test_what_a_killed_pull_left_of_a_vanished_file_is_swept(settings):
    put(settings, "archive/.0123.new")
    put(settings, "archive/receipts/.0123.json.new")
    put(settings, ".seen.json.new")
    pull(settings, NOW)
    assert list(settings.data_root.glob(".*")) == []
    assert [path for path in settings.archive.rglob("*") if path.is_file()] == []


def test_progress_is_told(settings):
    put(settings, "inbox/BKHCN/a.xlsx", b"1")
    put(settings, "inbox/BTC/a.xlsx", b"2")
    told = []
    pull(settings, NOW, lambda done, found: told.append((done, found)))
    assert told == [(1, 2), (2, 2)]


def test_channels_file_names_folders_anywhere(settings, tmp_path, caplog):
    put(settings, "inbox/from_btc/a.xlsx", b"1")
    put(settings, "inbox/BCA/b.xlsx", b"2")
    share = tmp_path / "máy chủ"
    share.mkdir()
    (share / "c.xlsx").write_bytes(b"3")
    put(
        settings,
        "channels.yml",
        f"""
- {{agency_code: BTC, url: inbox/from_btc/, trust_sent_at: true}}
- {{agency_code: P01, url: "file://{share}"}}
- {{agency_code: P04, url: {tmp_path}/absent}}
""".encode(),
    )
    assert [one.agency_code for one in load_channels(settings)] == ["BTC", "P01", "P04", "BCA"]
    summary = pull(settings, NOW)
    assert (summary.new, summary.refused, len(summary.down)) == (3, 0, 1)
    assert "P04: không có thư mục · no folder" in summary.down[0]
    by_agency = {one.agency_code: one for one in receipts(settings)}
    assert by_agency["BTC"].received_at == by_agency["BTC"].sent_at < NOW
    assert by_agency["P01"].received_at == by_agency["BCA"].received_at == NOW
    assert summary.down[0] in caplog.text


@pytest.mark.parametrize(
    ("content", "place", "problem"),
    [
        ("- {agency_code: BTC, url: a}\n- {agency_code: 7, url: b}", "2, field agency_code", "str"),
        ("- {agency_code: BTC}", "1, field url", "required"),
        ("\n\n- {agency_code: BTC, url: a, trust: 1}", "3, field trust", "not permitted"),
        ("- {agency_code: BTC, url: 'ftp://host'}", "1, field url", "folder"),
        ("agency_code: BTC", "1", "list"),
        ("- {agency_code: BTC", "1", "expected"),
        ("- \x07", "1", "not allowed"),
        ("- {agency_code: BTC, url: 'sftp://me:hush@host/a'}", "1, field url", "no password"),
        ("- {agency_code: BTC, url: 'https://me@host/a'}", "1, field url", "no password"),
        (
            "- {agency_code: BTC, url: 'https://host/a?X-Signature=hush'}",
            "1, field url",
            "before ?",
        ),
        ("- {agency_code: BTC, url: 'https:///a'}", "1, field url", "names no host"),
        ("- {agency_code: BTC, url: 'file://srv/btc'}", "1, field url", "file:///folder"),
        ("- {agency_code: P01, url: a}\n- {agency_code: BTC, url: ''}", "2, field url", "we keep"),
        ("- {agency_code: BTC, url: ../}", "1, field url", "we keep"),
        ("- {agency_code: BTC, url: 'sftp://me:hush@host'\n", "2", "expected"),
    ],
)
def test_faulty_channels_file_is_named_with_its_line(settings, content, place, problem):
    put(settings, "channels.yml", content.encode())
    with pytest.raises(ChannelsError) as raised:
        load_channels(settings)
    sentence = str(raised.value)
    assert f"channels.yml, line {place}" in sentence
    assert "channels.yml, dòng" in sentence
    assert problem in sentence
    assert "hush" not in sentence


def test_a_file_that_did_not_change_is_not_read_again(settings, monkeypatch):
    monkeypatch.setattr("pipelines.intake.seen.SETTLED_SECONDS", 0)
    for name in ("a", "b"):
        put(settings, f"inbox/BKHCN/{name}.xlsx", name.encode())
    pull(settings, NOW)
    read = []
    describe = archive.describe
    monkeypatch.setattr(
        archive, "describe", lambda *known: read.append(known[2].name) or describe(*known)
    )
    assert pull(settings, LATER) == PullSummary(known=2)
    assert read == []
    put(settings, "inbox/BKHCN/b.xlsx", b"B")
    assert pull(settings, LATER) == PullSummary(new=1, known=1)
    assert read == ["b.xlsx"]


@pytest.mark.parametrize("content", [None, b"", b"[[1]]", b"{", b"[[1, 2, 3, 4, 5]]"])
def test_what_was_seen_may_be_lost(settings, content, monkeypatch):
    monkeypatch.setattr("pipelines.intake.seen.SETTLED_SECONDS", 0)
    put(settings, "inbox/BKHCN/a.xlsx")
    pull(settings, NOW)
    settings.seen.unlink() if content is None else settings.seen.write_bytes(content)
    before = receipts(settings)
    assert pull(settings, LATER) == PullSummary(known=1)
    assert receipts(settings) == before


def test_what_was_seen_is_nothing_without_the_archive(settings, monkeypatch):
    monkeypatch.setattr("pipelines.intake.seen.SETTLED_SECONDS", 0)
    put(settings, "inbox/BKHCN/a.xlsx")
    pull(settings, NOW)
    shutil.rmtree(settings.archive)
    assert pull(settings, LATER) == PullSummary(new=1)


def test_a_refused_file_is_judged_again_though_it_was_seen(settings, monkeypatch):
    monkeypatch.setattr("pipelines.intake.seen.SETTLED_SECONDS", 0)
    put(settings, "inbox/BTC/a.xlsx")
    with monkeypatch.context() as patched:
        patched.setattr(channels, "reporting_agencies", lambda _: frozenset({"BCA"}))
        assert pull(settings, NOW).by_reason == {"unknown_agency": 1}
        assert pull(settings, NOW).by_reason == {"unknown_agency": 1}
    assert pull(settings, LATER) == PullSummary(new=1)


def test_arrivals_are_files_that_no_pull_has_taken(settings, monkeypatch):
    monkeypatch.setattr("pipelines.intake.seen.SETTLED_SECONDS", 0)
    assert channels.arrivals(settings) == frozenset()
    put(settings, "inbox/BTC/a.xlsx", b"1")
    first = channels.arrivals(settings)
    put(settings, "inbox/BTC/a.xlsx", b"12")
    second = channels.arrivals(settings)
    assert len(first) == len(second) == 1
    assert first != second
    pull(settings, NOW)
    assert channels.arrivals(settings) == frozenset()
