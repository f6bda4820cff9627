"""A fact's address holds the fact: archived workbooks opened again with openpyxl, and compared.

Nothing of the reader is used here. What a cell says is told by a few plain rules of this file.
"""

import random
import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import cache

import duckdb
import pytest
from openpyxl import load_workbook

FILES, FACTS, FINDINGS = 40, 1000, 200
FACT_COLUMNS = {
    "services": "fct_services procedure_code:code service_level:word period_start:date"
    " period_end:date dossiers_received:count dossiers_online:count dossiers_fully_online:count"
    " dossiers_resolved:count resolved_on_time:count resolved_late:count dossiers_pending:count"
    " results_digitised:count dossiers_via_vneid:count dossiers_reusing_data:count",
    "datasets": "fct_datasets dataset_code:code records_held:count records_verified:count"
    " records_duplicate:count last_updated_on:date is_connected:yes consumer_count:count"
    " self_score_correct:number:declared_correct_score"
    " self_score_sufficient:number:declared_sufficient_score"
    " self_score_clean:number:declared_clean_score self_score_living:number:declared_living_score",
    "indicators": "fct_indicators indicator_code:code measured_on:date source:text",
    "commune_criteria": "fct_commune_criteria commune_code:code criterion_code:code is_met:yes"
    " value:number checked_on:date",
    "tasks": "fct_task_agencies task_code:code status:word:status_reported"
    " percent_complete:number:percent_complete_pct started_on:date completed_on:date",
}
"""By form: the published table, and its columns that are cells, with their kind and other name."""
SCALES = {"nghin": 1e3, "ngan": 1e3, "trieu": 1e6, "ty": 1e9}
WORDS = {
    "full": ("toan trinh", "muc 4", "muc do 4"),
    "partial": ("mot phan", "muc 3", "muc do 3"),
    "none": ("chua truc tuyen", "thong tin truc tuyen", "muc 1", "muc 2"),
    "DONE": ("hoan thanh", "xong", "done"),
    "IN_PROGRESS": ("dang", "trien khai", "in progress"),
    "NOT_STARTED": ("chua", "not started"),
    "REGULAR": ("thuong xuyen",),
    "SUSPENDED": ("tam dung", "dung"),
}
YES = {
    True: {"x", "co", "dat", "da ket noi", "1", "true", "yes", "v", "✓", "√", "roi"},
    False: {"khong", "khong dat", "chua", "chua dat", "0", "false", "no", "chua ket noi"},
}


class Archive:
    """Archived workbooks by submission, as openpyxl opens them."""

    def __init__(self, world):
        self._folder = world.settings.archive
        with duckdb.connect(str(world.database), read_only=True) as connection:
            self._sha256 = dict(
                connection.execute(
                    "select distinct submission_id, sha256 from marts.fct_submissions"
                ).fetchall()
            )

    @cache  # noqa: B019 - one archive a test
    def sheets(self, submission):
        with (self._folder / self._sha256[submission]).open("rb") as file:
            book = load_workbook(file, data_only=True)
        return {sheet.title: sheet for sheet in book.worksheets}

    def cell(self, submission, sheet_name, address):
        """What stands at an address, or in the cell that it is merged into."""
        sheet = self.sheets(submission)[sheet_name]
        cell = sheet[address]
        if cell.value is None:
            for area in sheet.merged_cells.ranges:
                if address in area:
                    return sheet.cell(area.min_row, area.min_col)
        return cell


def folded(value):
    text = unicodedata.normalize("NFD", str(value).casefold().replace("đ", "d"))
    return " ".join("".join(one for one in text if not unicodedata.combining(one)).split())


def tidy(value):
    return " ".join(unicodedata.normalize("NFC", str(value)).split())


def is_code(cell, fact):
    if isinstance(cell.value, int | float):
        return float(cell.value) == float(fact)
    return "".join(re.findall(r"\w", folded(cell.value))).startswith(
        "".join(re.findall(r"\w", folded(fact)))
    )


def number(cell):
    """Thousands stand in groups of three digits behind a point; a comma is the decimal one."""
    if isinstance(cell.value, int | float):
        return cell.value * (100 if "%" in cell.number_format else 1)
    text = folded(cell.value)
    digits = re.search(r"-?\d[\d., ]*", text)[0].strip(" .,").replace(" ", "")
    if re.fullmatch(r"\d{1,3}([.,]\d{3})+", digits):
        plain = re.sub(r"[.,]", "", digits)
    else:
        plain = digits.replace(".", "").replace(",", ".") if "," in digits else digits
    scale = next((by for word, by in SCALES.items() if word in text.split()), 1)
    return float(plain) * scale


def is_count(cell, fact):
    return round(number(cell)) == fact


def is_number(cell, fact):
    found = number(cell)
    # a fraction among percentages
    return any(abs(one - fact) < 1e-6 for one in (found, 100 * found if found <= 1 else found))


def is_date(cell, fact):
    value = cell.value
    if isinstance(value, datetime):
        return value.date() == fact
    if isinstance(value, int | float):
        return date(1899, 12, 30) + timedelta(days=int(value)) == fact
    parts = [int(part) for part in re.findall(r"\d+", str(value))]
    if re.fullmatch(r"\d{5}", str(value).strip()):
        return date(1899, 12, 30) + timedelta(days=parts[0]) == fact
    if parts[0] > 31:
        parts[:3] = parts[2::-1]
    return [parts[0], parts[1], parts[2] % 100] == [fact.day, fact.month, fact.year % 100]


def is_word(cell, fact):
    """The first word of a list that the text holds: `not done yet` before `done`."""
    text = folded(cell.value)
    order = ("NOT_STARTED", "IN_PROGRESS", *WORDS) if fact in ("DONE", "IN_PROGRESS") else (fact,)
    return next((code for code in order if any(w in text for w in WORDS[code])), None) == fact


def is_yes(cell, fact):
    return folded(cell.value) in YES[fact]


def is_text(cell, fact):
    return tidy(cell.value) == tidy(fact)


SAYS = {"code": is_code, "count": is_count, "number": is_number, "date": is_date, "word": is_word,
        "yes": is_yes, "text": is_text}  # fmt: skip


def facts(connection, form, files):
    """Every value of the form's facts that is there, with its address."""
    table, *columns = FACT_COLUMNS[form].split()
    for column in columns:
        name, kind, *other = column.split(":")
        fact = other[0] if other else name
        yield from (
            (*row, kind)
            for row in connection.execute(
                f"""
                select distinct submission_id, sheet_name, column_letter || row_number,
                    '{form}.{fact}', {fact}
                from marts.{table}
                inner join (from quality.source_columns where form = '{form}')
                    using (submission_id, sheet_name)
                where column_name = '{name}' and {fact} is not null
                    and list_contains($1, submission_id)
                order by all
                """,
                [files],
            ).fetchall()
        )


@pytest.fixture(scope="module")
def drawn(full_world):
    """Files, facts and findings, drawn by lot: the same ones every time."""
    lot = random.Random(57)
    with duckdb.connect(str(full_world.database), read_only=True) as connection:
        files = connection.execute(
            "select distinct submission_id from quality.source_columns"
            " where form not like 'register%' order by all"
        ).fetchall()
        chosen = [file for (file,) in lot.sample(files, FILES)]
        by_form = [list(facts(connection, form, chosen)) for form in FACT_COLUMNS]
        findings = connection.execute(
            "select submission_id, sheet_name, cell, rule_id, value_found from quality.findings"
            " where cell is not null and list_contains($1, submission_id) order by all",
            [chosen],
        ).fetchall()
    share = FACTS // len(by_form)
    picked = [fact for found in by_form for fact in lot.sample(found, min(share, len(found)))]
    rest = sorted({fact for found in by_form for fact in found} - set(picked), key=repr)
    picked += lot.sample(rest, FACTS - len(picked))
    return Archive(full_world), picked, lot.sample(findings, FINDINGS)


def test_a_thousand_facts_are_what_their_cells_say(drawn):
    archive, picked, _ = drawn
    wrong = []
    for submission, sheet, address, name, fact, kind in picked:
        cell = archive.cell(submission, sheet, address)
        if cell.value is None or not SAYS[kind](cell, fact):
            wrong.append((submission, sheet, address, name, fact, cell.value))
    assert len(picked) == FACTS
    assert {name.partition(".")[0] for _, _, _, name, _, _ in picked} == set(FACT_COLUMNS)
    assert wrong == []


def test_two_hundred_findings_point_at_what_they_found(drawn):
    archive, _, findings = drawn
    wrong = [
        (finding, cell.value)
        for finding in findings
        for cell in [archive.cell(*finding[:3])]
        if not holds(cell.value, finding[4])
    ]
    assert len(findings) == FINDINGS
    assert wrong == []


def holds(value, found):
    """Whether a cell holds the text of a finding; what is personal is shown by a mask."""
    if found == "•••":
        return True
    if value is None or found is None:
        return value == found
    if isinstance(value, datetime):
        return found.startswith(f"{value:%Y-%m-%d}")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(found) == value
    # A row reported twice is found by its whole key, of which the cell holds the first part.
    return tidy(value) == tidy(found) or tidy(value) == found.partition("/")[0]
