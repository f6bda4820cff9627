"""Workbooks that a spreadsheet program has opened and saved: they say the same as before."""

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from pipelines.sample.write import write_sample
from pipelines.settings import Settings
from pipelines.workbook.cells import read_cells
from pipelines.workbook.desk import Desk, Sent
from pipelines.workbook.submission import read_file

pytestmark = pytest.mark.system
OFFICE = shutil.which("soffice") or shutil.which("libreoffice") or "soffice"
AGENCIES = ("BTC", "BKHCN", "P01")


def saved_again(path: Path, folder: Path, kind: str = "xlsx") -> Path:
    command = [OFFICE, "--headless", f"-env:UserInstallation=file://{folder}/profile"]
    command += ["--convert-to", kind, "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return folder / f"{path.stem}.{kind}"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    root = tmp_path_factory.mktemp("office")
    settings = Settings(data_root=root / "data", real_input=root)
    write_sample(settings, AGENCIES, [date(2025, 9, 23)])
    return settings


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
@pytest.mark.parametrize("agency", AGENCIES)
def test_a_report_saved_by_libreoffice_reads_the_same(world, tmp_path, agency, kind):
    (original,) = (world.inbox / agency).glob("*.xlsx")
    desk = Desk.set_up(world.seeds, world.templates)
    saved = saved_again(original, tmp_path, kind)
    assert read_cells(saved) == read_cells(saved, "openpyxl")
    before, after = (
        read_file(Sent(path, agency, original.name), desk) for path in (original, saved)
    )
    assert before.status == after.status == "READ"
    assert after.reporting_date == before.reporting_date
    assert len(before.forms) > 1
    for form, form_again in zip(before.forms, after.forms, strict=True):
        assert (form_again.form, form_again.row_numbers) == (form.form, form.row_numbers)
        for (column, cells), (_, again) in zip(form.columns, form_again.columns, strict=True):
            said = [(cell.value, cell.state) for cell in cells]
            assert [(cell.value, cell.state) for cell in again] == said, column.name


def test_a_blank_form_prints_on_pages(world, tmp_path):
    from pipelines.workbook.forms import blank_form, form_words
    from pipelines.workbook.template import load_templates

    template = next(t for t in load_templates(world.templates) if t.template == "nq57-01")
    blank_form(
        template, tmp_path / "form.xlsx", "BTC", {"tasks": []}, form_words(template, world.seeds)
    )
    printed = saved_again(tmp_path / "form.xlsx", tmp_path, "pdf")
    assert printed.read_bytes().startswith(b"%PDF")
