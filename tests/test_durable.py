"""Writes are whole or not there at all."""

import errno
import json
import threading
from pathlib import Path

import pytest
from killing import Killed, disk_full, killed, leftovers, operations

from pipelines import durable


def write_half(target: Path, error: BaseException):
    with durable.file_aside(target) as aside:
        aside.write_text("half")
        raise error


def write_folder(target: Path, content: str, error: BaseException | None = None):
    with durable.folder_aside(target) as aside:
        (aside / "sub").mkdir()
        (aside / "sub" / "a").write_text(content)
        if error:
            raise error


def test_file_is_whole_or_absent(tmp_path):
    target = tmp_path / "folder" / "a.json"
    with pytest.raises(ValueError, match="stop"):
        write_half(target, ValueError("stop"))
    assert list(target.parent.iterdir()) == []

    with durable.file_aside(target) as aside:
        aside.write_text("whole")
        assert not target.exists()
    assert target.read_text() == "whole"
    assert leftovers(tmp_path) == []


def test_failed_rewrite_keeps_the_old_file(tmp_path):
    target = tmp_path / "a.json"
    target.write_text("old")
    with (
        pytest.raises(OSError, match="No space"),
        disk_full(0),
        durable.file_aside(target) as aside,
    ):
        aside.write_text("new")
    assert target.read_text() == "old"
    assert leftovers(tmp_path) == []


def test_folder_is_whole_or_absent(tmp_path):
    target = tmp_path / "release"
    with pytest.raises(KeyboardInterrupt):
        write_folder(target, "half", KeyboardInterrupt())
    assert list(tmp_path.iterdir()) == []

    write_folder(target, "whole")
    assert (target / "sub" / "a").read_text() == "whole"


def test_complete_folder_is_never_written_twice(tmp_path):
    target = tmp_path / "release"
    write_folder(target, "first")
    with pytest.raises(OSError, match="not empty"):
        write_folder(target, "second")
    assert (target / "sub" / "a").read_text() == "first"
    assert leftovers(tmp_path) == []


def test_flip_replaces_the_link_in_one_step(tmp_path):
    link = tmp_path / "published"
    for name in ("one", "two"):
        (tmp_path / "releases" / name).mkdir(parents=True)
        durable.flip(link, tmp_path / "releases" / name)
        assert link.resolve().name == name
        assert str(link.readlink()) == f"releases/{name}"
    flip = lambda: durable.flip(link, tmp_path / "releases" / "one")  # noqa: E731
    with pytest.raises(Killed), killed(1, "before"):
        flip()
    assert link.resolve().name == "two"
    assert operations(flip) == ["flip one", "replace published"]
    assert link.resolve().name == "one"


def test_sweep_removes_only_what_lies_aside(tmp_path):
    with pytest.raises(Killed), killed(0, "before"), durable.file_aside(tmp_path / "a") as aside:
        aside.write_text("not renamed")
    (tmp_path / ".b.new").mkdir()
    (tmp_path / "c").write_text("whole")
    assert len(leftovers(tmp_path)) == 2
    durable.sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


def test_append_adds_lines_in_order(tmp_path):
    path = tmp_path / "new" / "log.jsonl"
    for number in range(3):
        durable.append(path, json.dumps({"n": number}).encode())
    assert path.read_bytes() == b'{"n": 0}\n{"n": 1}\n{"n": 2}\n'


def test_append_after_a_torn_line_starts_a_new_one(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b'{"n": 0}\n{"n"')
    durable.append(path, b'{"n": 1}')
    assert path.read_bytes() == b'{"n": 0}\n{"n"\n{"n": 1}\n'


@pytest.mark.parametrize("kept", [0, 3])
def test_append_on_a_full_disk_leaves_the_file_as_it_was(tmp_path, monkeypatch, kept):
    path = tmp_path / "log"
    path.write_bytes(b"first\n")

    def write_part(handle, content):
        handle.write(content[:kept])
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(durable, "write_all", write_part)
    with pytest.raises(OSError, match="full"):
        durable.append(path, b"second")
    assert path.read_bytes() == b"first\n"


def test_write_all_goes_on_after_a_short_write():
    class Short:
        written = b""

        def write(self, content):
            self.written += content[:2]
            return min(2, len(content))

    handle = Short()
    durable.write_all(handle, b"abcde")
    assert handle.written == b"abcde"


def test_appends_of_several_writers_do_not_mix(tmp_path):
    path: Path = tmp_path / "log"
    lines = [bytes([65 + number]) * 2000 for number in range(8)]
    writers = [threading.Thread(target=durable.append, args=(path, line)) for line in lines]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(path.read_bytes().splitlines()) == lines
