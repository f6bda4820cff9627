"""The test workbooks of calamine's own source distribution, fetched through pip."""

import os
import subprocess
import sys
import tarfile
from importlib.metadata import version

import pytest
from openpyxl import load_workbook as openpyxl_opens
from python_calamine import load_workbook as calamine_opens

from pipelines.settings import PROJECT_ROOT
from pipelines.workbook.cells import read_cells
from pipelines.workbook.child import ReadingProcess
from pipelines.workbook.limits import Refusal

pytestmark = pytest.mark.system
SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
TEMPLATES = (PROJECT_ROOT / "pipelines" / "templates",)
REFUSED = {"empty_file": "unreadable_file", "password": "password_protected"}

# pip asks the build backend for a name and a version even when it only downloads.
BACKEND = """
from pathlib import Path

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    name = "python_calamine-{version}.dist-info"
    (Path(folder) / name).mkdir()
    lines = "Metadata-Version: 2.1", "Name: python-calamine", "Version: {version}", ""
    (Path(folder) / name / "METADATA").write_text("\\n".join(lines))
    return name
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder, release = tmp_path_factory.mktemp("calamine"), version("python-calamine")
    (folder / "maturin.py").write_text(BACKEND.replace("{version}", release))
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-build-isolation"]
    command += ["--no-binary", "python-calamine", f"python-calamine=={release}"]
    done = subprocess.run(
        [*command, "--dest", str(folder)],
        check=False,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    data = folder / "data"
    data.mkdir()
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        for member in archive:
            if "/tests/data/" in member.name and (content := archive.extractfile(member)):
                (data / member.name.rpartition("/")[2]).write_bytes(content.read())
    found = sorted(data.iterdir())
    assert len(found) > 10
    return found


def opens(opener, path):
    try:
        with path.open("rb") as stream:
            opener(stream)
    except Exception:  # noqa: BLE001 -- whatever the two libraries raise, the file is none of theirs
        return False
    return True


def test_every_file_ends_in_cells_or_in_a_refusal_by_name(files):
    read = 0
    for path in files:
        first, second = read_cells(path), read_cells(path, "openpyxl")
        assert first == second, path.name
        if isinstance(first, Refusal):
            reason = REFUSED.get(path.stem, "other_format" if path.suffix == ".xlsb" else None)
            assert first.reason_code == reason, path.name
        else:
            read += 1
        if opens(calamine_opens, path) and opens(openpyxl_opens, path):
            assert not isinstance(first, Refusal), path.name
    assert read == 8  # three formats twice, and two more workbooks


def test_every_file_passes_the_reading_process(files, tmp_path):
    with ReadingProcess(SEEDS, TEMPLATES) as process:
        for path in files:
            request = {"path": str(path), "agency_code": "BKHCN", "file_name": path.name}
            request |= {"submission_id": "0", "reading_key": "0", "folder": str(tmp_path)}
            assert process.read(request) is None, path.name
            assert (tmp_path / "reading.json").is_file()
