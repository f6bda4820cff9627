"""The child process that opens what agencies send, and the parent's hold on it.

What belongs here: limits of memory and time, the lines of JSON between the two, and what it means
when the child dies. What does not: reading itself (`submission.py`).

Run as `python -m pipelines.workbook.child SEEDS TEMPLATE_FOLDER…`: one request per line on standard
input, one answer per line on standard output. A parser that aborts the interpreter takes only the
child with it; the file is refused and a new child takes the next one.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from pipelines.workbook.desk import Desk, Sent
from pipelines.workbook.guard import DEFAULT_LIMITS, Limits, Refusal
from pipelines.workbook.record import write_reading
from pipelines.workbook.submission import Reading, read_file

_START = 60  # seconds; 1 is usual
_MANY_OBJECTS = 50_000  # left by a file; a collection takes 0.1 s, as long as 20 small files
_PROJECT_ROOT = Path(__file__).resolve().parents[2]


class ReaderBroken(Exception):
    """The child could not do its work for a reason that is not in the file, such as a full disk."""


class ReadingProcess:
    """A child that reads file after file; replaced when it dies. Use it in a `with` block."""

    def __init__(
        self, seeds: Path, template_folders: Sequence[Path], limits: Limits = DEFAULT_LIMITS
    ) -> None:
        self.command = [sys.executable, "-m", __name__, str(seeds), *map(str, template_folders)]
        self.limits = limits
        self.child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> ReadingProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def start(self) -> subprocess.Popen[bytes]:
        """The child, started when there is none or it died; the first file does so too."""
        if self.child is None or self.child.poll() is not None:
            self.child = self._start()
        return self.child

    def read(self, request: Mapping[str, object]) -> Refusal | None:
        """Let the child read one file into the folder named in the request.

        Gives None when the folder holds the reading, or the refusal when the file ended the child.
        """
        child = self.start()
        if child.stdin is None or child.stdout is None:
            raise ReaderBroken("no pipes to the reading process")
        line = json.dumps({**request, "limits": asdict(self.limits)}, ensure_ascii=True)
        try:
            child.stdin.write(line.encode() + b"\n")
            child.stdin.flush()
        except BrokenPipeError:  # died between two files, so not of this one
            raise ReaderBroken("the reading process died while it waited") from None
        answer = _read_line(child.stdout.fileno(), time.monotonic() + self.limits.seconds)
        if answer is None:
            self._end()
            return Refusal("timed_out", f"more than {self.limits.seconds} s")
        if not answer:
            return _cause_of_death(child.wait())
        said: dict[str, Any] = json.loads(answer)
        if "broken" in said:
            raise ReaderBroken(said["broken"])
        return Refusal(*said["refusal"]) if said["refusal"] else None

    def _start(self) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            self.command, cwd=_PROJECT_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.child = child
        ready = child.stdout and _read_line(child.stdout.fileno(), time.monotonic() + _START)
        if not ready:
            raise ReaderBroken("the reading process did not start; its log says why")
        return child

    def _end(self) -> None:
        if self.child is not None:
            self.child.kill()
            self.child.communicate()
            self.child = None


class ReadingPool:
    """Children that read side by side: the next file goes to one that is idle."""

    def __init__(
        self,
        seeds: Path,
        template_folders: Sequence[Path],
        limits: Limits = DEFAULT_LIMITS,
        count: int = 2,
    ) -> None:
        self.processes = [ReadingProcess(seeds, template_folders, limits) for _ in range(count)]
        self._idle: SimpleQueue[ReadingProcess] = SimpleQueue()
        for process in self.processes:
            self._idle.put(process)

    def __enter__(self) -> ReadingPool:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.__exit__()

    def start(self) -> None:
        """Start all children now, side by side; else each starts with its first file."""
        with ThreadPoolExecutor() as threads:
            list(threads.map(ReadingProcess.start, self.processes))

    def read(self, request: Mapping[str, object]) -> Refusal | None:
        """Let an idle child read one file, as `ReadingProcess.read` does."""
        process = self._idle.get()
        try:
            return process.read(request)
        finally:
            self._idle.put(process)


def _read_line(stream: int, until: float) -> bytes | None:
    """One line; None when the time is over, empty when the other end closed."""
    line = b""
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([stream], [], [], max(until - time.monotonic(), 0))
        if not ready:
            return None
        block = os.read(stream, 1 << 16)
        if not block:
            return b""
        line += block
    return line


def _cause_of_death(code: int) -> Refusal:
    if code == -signal.SIGXCPU:
        return Refusal("timed_out", "more processor time than allowed")
    if code < 0:
        name = signal.Signals(-code).name
        return Refusal("hostile_file", f"the reading process died: {name}")
    # A fault that nobody foresaw, in the file or in the reader: one file must not stop the others.
    return Refusal("unreadable_file", "the reading process failed; its log says why")


class _WithoutPandas:
    """Hides pandas from pyarrow, which with its first list imports it, for 0.25 s and 30 MB."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        """Of all modules only pandas is not to be found."""
        if name == "pandas":
            raise ModuleNotFoundError(name)


def main(seeds: str, *template_folders: str) -> None:
    """Answer requests until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not look like an answer
    sys.meta_path.insert(0, _WithoutPandas())
    desk = Desk.set_up(Path(seeds), tuple(map(Path, template_folders)))
    # Millions of cells, not one cycle: looking for some takes an eighth of the time (2026-11-25).
    gc.disable()
    gc.freeze()  # the desk stays
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line), desk)), file=answers, flush=True)
        if gc.get_count()[0] > _MANY_OBJECTS:
            gc.collect()


def _answer(request: dict[str, Any], desk: Desk) -> dict[str, Any]:
    limits = Limits(**request["limits"])
    _limit(limits)
    try:
        answers = request.get("answers", {})
        sent = Sent(Path(request["path"]), request["agency_code"], request["file_name"], answers)
        reading = read_file(sent, desk, limits=limits)
    except MemoryError:
        return {"refusal": ("over_limit", "more memory than allowed")}
    try:
        _write(reading, request)
    except OSError as error:
        return {"broken": str(error)}
    return {"refusal": None}


def _write(reading: Reading, request: dict[str, Any]) -> None:
    folder = Path(request["folder"])
    write_reading(reading, request["submission_id"], request["reading_key"], folder)


def _limit(limits: Limits) -> None:
    """Allow this much memory in all, and this much more processor time for the next file."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + limits.seconds
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    resource.setrlimit(resource.RLIMIT_AS, (limits.address_space, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(*sys.argv[1:])
