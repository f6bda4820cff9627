"""Damaged and hostile files: each ends in a table or in a refusal by name, within the limits.

All go through the child process, as in a daily run, with limits far below the usual ones.
"""

import csv
import json
import random
import shutil
import zipfile
from dataclasses import replace

import golden
import golden_damage as damage
import golden_formats as formats
import pyarrow as pa
import pytest
from pyarrow import parquet

from pipelines.settings import PROJECT_ROOT
from pipelines.workbook.child import ReadingProcess
from pipelines.workbook.limits import DEFAULT_LIMITS

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
TEMPLATES = (PROJECT_ROOT / "pipelines" / "templates",)
LIMITS = replace(DEFAULT_LIMITS, seconds=30, address_space=2 << 30)
TRUNCATIONS, FLIPS = 60, 60


@pytest.fixture(scope="module")
def reasons():
    with (SEEDS / "submission_reasons.csv").open(encoding="utf-8") as file:
        return {row["reason_code"] for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def read(tmp_path_factory, reasons):
    """Gives the outcome of a file, `READ` or a reason, and the content hash of what was read."""
    folder = tmp_path_factory.mktemp("reading")
    with ReadingProcess(SEEDS, TEMPLATES, LIMITS) as process:

        def outcome(path):
            request = {"path": str(path), "agency_code": "BKHCN", "file_name": "report.xlsx"}
            request |= {"submission_id": "0", "reading_key": "0", "folder": str(folder)}
            refusal = process.read(request)
            if refusal is not None:
                assert refusal.reason_code in reasons
                return refusal.reason_code, None
            said = json.loads((folder / "reading.json").read_bytes())
            assert said["reason_code"] in reasons | {None}
            return said["reason_code"] or "READ", said["content_hash"]

        yield outcome


@pytest.mark.parametrize("name", [*damage.HOSTILE, *damage.OTHERS])
def test_hostile_files_end_in_a_table_or_a_refusal_by_name(tmp_path, read, name):
    build, expected = (damage.HOSTILE | damage.OTHERS)[name]
    found, _ = read(build(tmp_path / "file"))

    assert found in expected


def extract(path):
    table = pa.table({"a": ["x", "y"] * 40, "b": list(range(80))})
    parquet.write_table(table, path)
    return path


def macros(path):
    return damage.changed(path, "", bytes, {"xl/vbaProject.bin": bytes(range(256)) * 20})


GOOD = {
    "xlsx": lambda path: golden.workbook(path, formats.TASKS),
    "xlsm": macros,
    "xls": formats.legacy,
    "ods": formats.opendocument,
    "csv": lambda path: formats.delimited(path, (*formats.PREAMBLE, *formats.TASKS), ";"),
    "utf_16": lambda path: formats.unicode_text(path, (*formats.PREAMBLE, *formats.TASKS)),
    "parquet": extract,
}
# Containers that carry a checksum of what they hold.
CHECKED = {"xlsx", "xlsm", "ods"}


@pytest.mark.parametrize("kind", GOOD)
def test_truncated_files_end_in_a_table_or_a_refusal_by_name(tmp_path, read, kind):
    content = GOOD[kind](tmp_path / "good").read_bytes()
    for end in range(0, len(content), max(len(content) // TRUNCATIONS, 1)):
        (tmp_path / "file").write_bytes(content[:end])
        found, _ = read(tmp_path / "file")
        assert found != "READ" or kind not in CHECKED, end


@pytest.mark.parametrize("kind", GOOD)
def test_flipped_bytes_end_in_the_same_table_or_a_refusal_by_name(tmp_path, read, kind):
    good = GOOD[kind](tmp_path / "good")
    content, wanted = good.read_bytes(), read(good)
    chance = random.Random(kind)
    for _ in range(FLIPS):
        flipped = bytearray(content)
        for place in chance.sample(range(len(content)), chance.choice((1, 1, 2, 8))):
            flipped[place] ^= chance.randrange(1, 256)
        (tmp_path / "file").write_bytes(flipped)
        found = read(tmp_path / "file")
        if kind in CHECKED and found[0] == "READ":
            assert found == wanted


@pytest.mark.parametrize("part", [damage.SHEET, damage.STRINGS, damage.BOOK, damage.STYLES])
def test_damage_under_a_right_checksum_ends_so_too(tmp_path, read, part):
    """The container is sound, its XML is not."""
    chance = random.Random(part)

    def flip(content):
        flipped = bytearray(content)
        for place in chance.sample(range(len(content)), chance.choice((1, 2, 8))):
            flipped[place] = chance.choice(b'<>"&/ 0aZ\x00\xff')
        return bytes(flipped)

    for _ in range(FLIPS):
        read(damage.changed(tmp_path / "file", part, flip))


def test_flips_inside_an_opendocument_end_so_too(tmp_path, read):
    chance = random.Random("ods")
    good = formats.opendocument(tmp_path / "good")
    with zipfile.ZipFile(good) as container:
        content = container.read("content.xml")
    for _ in range(FLIPS):
        flipped = bytearray(content)
        for place in chance.sample(range(len(content)), chance.choice((1, 2, 8))):
            flipped[place] = chance.choice(b'<>"&/ 0aZ\x00\xff')
        shutil.copy(good, tmp_path / "file")
        with zipfile.ZipFile(tmp_path / "file", "w", zipfile.ZIP_DEFLATED) as container:
            container.writestr("mimetype", formats._MEDIA_TYPE, zipfile.ZIP_STORED)
            container.writestr("content.xml", bytes(flipped))
            container.writestr("META-INF/manifest.xml", "<a/>")
        read(tmp_path / "file")


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods", ".csv", ".pdf", ""])
def test_bytes_decide_and_not_the_name(tmp_path, read, kind, suffix):
    good = GOOD[kind](tmp_path / f"good{suffix}")

    assert read(good)[0] == ("no_template" if kind == "parquet" else "READ")
