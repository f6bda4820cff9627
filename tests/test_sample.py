"""The sample: a truth that agrees with the published figures, told badly but beyond doubt."""

from __future__ import annotations

import csv
import random
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from openpyxl import load_workbook
from truth_facts import Facts

from pipelines.sample import cell_traps, layout_traps, number_traps, row_traps
from pipelines.sample.deform import CATALOGUE
from pipelines.sample.draft import INVENTED, Deformation, Draft, DraftTable, ErrorCell, record_key
from pipelines.sample.records import REPORTING_DATES, Truth
from pipelines.sample.render import to_workbook
from pipelines.sample.truth import make_truth
from pipelines.sample.write import Sample, SampleRefused, SampleSummary, load_sample, write_sample
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.workbook.cells import Cell
from pipelines.workbook.forms import save
from pipelines.workbook.parsing.codes import SuffixedCode
from pipelines.workbook.parsing.dates import Deadline
from pipelines.workbook.parsing.numbers import Quantity, Unit
from pipelines.workbook.parsing.vocabulary import Vocabulary, load_vocabulary
from pipelines.workbook.template import Column
from pipelines.workbook.values import parse_column

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
FIRST, SECOND, THIRD = REPORTING_DATES
# F014 is printed for a scope that it does not fit, F023 is not about tasks.
FIGURES = [f"F{n:03d}" for n in range(1, 25) if n not in (14, 23)] + ["F050", "F079"]
NATIONAL = ("status", "completed_on", "started_on", "percent_complete")
SERVICES_DAY = date(2025, 10, 25)
# What makes a published figure, by form: no fault may touch it.
DECISIVE = {
    "services": {"procedure_code", "period_start", "period_end", "service_level",
                 "dossiers_received", "dossiers_fully_online"},
    "datasets": {"dataset_code"},
    "indicators": {"indicator_code", "value", "unit", "measured_on"},
    "commune_criteria": {"commune_code", "criterion_code", "is_met"},
}  # fmt: skip


@pytest.fixture(scope="session")
def truth() -> Truth:
    return make_truth()


@pytest.fixture(scope="session")
def facts(truth: Truth) -> dict[date, Facts]:
    return {on: Facts(truth, on) for on in REPORTING_DATES}


@pytest.fixture(scope="session")
def sample() -> Sample:
    return load_sample(Settings(Path("unused"), Path("unused")))


@pytest.fixture(scope="session")
def told(sample: Sample):
    """Every workbook as a draft, with its distortions."""
    return {(f.agency, f.on): sample.draft(f) for f in sample.files(sample.dates)}


@pytest.fixture(scope="session")
def written(tmp_path_factory) -> tuple[Settings, SampleSummary]:
    settings = Settings(tmp_path_factory.mktemp("sample"), Path("unused"))
    return settings, write_sample(settings)


def small(folder: Path) -> Settings:
    return Settings(folder, Path("unused"))


@cache
def vocabulary() -> Vocabulary:
    return load_vocabulary(SEEDS)


def table_of(draft: Draft, form: str) -> DraftTable:
    return next(table for table in draft.tables if table.form == form)


def published() -> dict[str, dict[str, str]]:
    with (SEEDS / "published_figures.csv").open(encoding="utf-8", newline="") as file:
        return {row["figure_id"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("figure_id", FIGURES)
def test_truth_agrees_with_published_figure(figure_id: str, facts: dict[date, Facts]):
    figure = published()[figure_id]
    since = date.fromisoformat(figure["window_start"]) if figure["window_start"] else None
    found = facts[date.fromisoformat(figure["as_of_date"])].measure(
        figure["measure"], figure["programme_scope"], figure["agency_code"], since
    )
    assert found == int(figure["value"])


def test_contradicted_figure_does_not_hold_for_its_scope(facts: dict[date, Facts]):
    assert facts[SECOND].measure("tasks_completed_in_window", "NQ71+KL", since=FIRST) == 50


def test_no_task_is_unknown_and_the_first_register_is_shorter(facts: dict[date, Facts]):
    assert facts[SECOND].measure("tasks_unknown", "") == 0
    assert facts[FIRST].measure("tasks_assigned", "NQ71+KL") == 606
    assert facts[FIRST].measure("tasks_assigned", "KH02") == 58


def test_no_other_agency_is_in_more_tasks_than_the_fifth(truth: Truth, facts: dict[date, Facts]):
    counts = {
        agency: facts[SECOND].measure("tasks_involving_agency", "NQ71+KL", agency)
        for agency in truth.agencies
    }
    ranked = sorted(counts, key=lambda agency: -counts[agency])
    assert ranked[:5] == ["BKHCN", "BTC", "BCA", "BGDDT", "BNNMT"]
    assert counts[ranked[5]] <= 129
    assert min(counts.values()) >= 1


def test_groups_and_several_leads(truth: Truth):
    codes = [task.leads + task.coordinators for task in truth.tasks]
    naming = sum(any(code in truth.members for code in named) for named in codes)
    assert len(truth.tasks) / 9 < naming < len(truth.tasks) / 7
    assert sum("G-ALL" in named for named in codes) <= 100
    assert {1, 2, 3} <= {len(task.leads) for task in truth.tasks}


def test_deadlines_come_in_every_precision_and_kind(truth: Truth):
    kinds = {(task.deadline.precision, task.deadline.kind) for task in truth.tasks}
    assert {precision for precision, _ in kinds} == {"day", "month", "quarter", "year", None}
    assert {kind for _, kind in kinds} == {"fixed", "regular", "annual", "conditional", "none"}
    assert sum(task.extended is not None for task in truth.tasks) == 5


def test_edges_of_windows_and_deadlines_are_used(truth: Truth):
    dates = {task.assigned_on for task in truth.tasks}
    completed = {report.completed_on for report in truth.reports.values()}
    due = {task.deadline.on for task in truth.tasks}
    assert {FIRST, SECOND} <= dates & completed
    assert {SECOND, THIRD} <= due


def test_titles_are_unique_and_say_that_they_are_invented(truth: Truth):
    assert len({task.title for task in truth.tasks}) == len(truth.tasks) == 749
    assert all("giả định" in task.title for task in truth.tasks)


def test_reports_are_plausible(truth: Truth):
    tasks = {task.task_code: task for task in truth.tasks}
    for (_, on, code), report in truth.reports.items():
        task = tasks[code]
        is_done = report.status == "DONE"
        assert is_done == (report.completed_on is not None) == (report.percent == 100)
        assert is_done == (report.evidence is not None)
        assert (report.started_on is None) == (report.percent == 0)
        days = [task.assigned_on, report.started_on, report.completed_on, on]
        known = [day for day in days if day]
        assert known == sorted(known)
        due = task.deadline_at(on).on
        if not is_done and due and due < on:
            assert report.obstacles


def test_progress_never_falls(truth: Truth):
    series = defaultdict(list)
    for (agency, _, code), report in sorted(truth.reports.items(), key=lambda item: item[0][1]):
        series[agency, code].append(report.percent)
    assert all(values == sorted(values) for values in series.values())


def test_who_does_not_send_and_who_is_late(truth: Truth, written: tuple[Settings, SampleSummary]):
    inbox = written[0].inbox
    assert {on for _, on in truth.not_sent} == {THIRD}
    assert {on for _, on in truth.sent_late} == {SERVICES_DAY, THIRD}
    for agency, on in truth.not_sent:
        assert not (inbox / agency / f"NQ57-01_{agency}_{on}.xlsx").exists()
    for agency in truth.agencies:
        for on in (*REPORTING_DATES, SERVICES_DAY):
            path = inbox / agency / f"NQ57-01_{agency}_{on}.xlsx"
            if not path.exists():
                continue
            local = datetime.fromtimestamp(path.stat().st_mtime, UTC) + timedelta(hours=7)
            is_late = (agency, on) in truth.sent_late
            assert local.date() == on + timedelta(days=2 * is_late)
            assert 8 <= local.hour < 16


def test_every_workbook_is_labelled_and_reopens(written: tuple[Settings, SampleSummary]):
    paths = sorted(written[0].inbox.rglob("*.xlsx"))
    assert len(paths) == written[1].written == 3 * 57 - 3 + 56
    for path in paths:
        book = load_workbook(path, read_only=True)
        assert book.worksheets[0]["A1"].value == INVENTED
        book.close()


def test_no_formula_is_live(written: tuple[Settings, SampleSummary]):
    texts = 0
    for path in sorted(written[0].inbox.glob("P*/*2025-10-28.xlsx")):
        for sheet in load_workbook(path):
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type != "f", f"{path.name} {cell.coordinate}"
                    texts += isinstance(cell.value, str) and cell.value[:1] in "=+-"
    assert texts


def test_every_workbook_is_distorted(told):
    for (agency, _), (_, records) in told.items():
        names = {record.name for record in records}
        assert "title_lines_above" in names
        assert sum(record.column is not None for record in records) > 3
        if agency != "BCD":
            assert any(not record.is_certain for record in records)


def test_every_trap_of_the_catalogue_is_used(told):
    used = {record.name for _, records in told.values() for record in records}
    catalogue = {trap.name for trap in CATALOGUE} | set(row_traps.LOSSES)
    catalogue |= {trap.__name__ for _, _, trap in layout_traps.LAYOUT_TRAPS}
    catalogue |= {trap.__name__ for _, _, trap in layout_traps.COVER_TRAPS}
    catalogue |= {trap.__name__ for _, _, _, trap in row_traps.ROW_TRAPS}
    catalogue |= {"percent_as_fraction"}
    assert catalogue == used


def test_every_form_gets_most_traps_that_fit_it(told, sample: Sample):
    used = {(r.form, r.name) for _, records in told.values() for r in records}
    for name, form in sample.form.forms.items():
        if form.layout == "table":
            kinds = {cell_traps.kind_of(column) for column in form.columns}
            fitting = {t.name for t in CATALOGUE if t.is_certain and kinds & set(t.types)}
            assert sum((name, trap) in used for trap in fitting) > len(fitting) / 2, name
            assert {(name, "total_row"), (name, "header_writing")} <= used


def test_faults_stay_off_what_makes_a_published_figure(told, truth: Truth):
    tasks = {task.task_code: task for task in truth.tasks}
    faults = 0
    for (agency, _), (_, records) in told.items():
        for record in records:
            if record.is_certain or record.form != "tasks":
                continue
            faults += 1
            assert record.column != "title"
            assert record.column != "task_code" or record.record_key is None
            task = tasks.get(record.record_key or "")
            if task and truth.is_lead(agency, task):
                assert record.column is not None
                assert record.column not in NATIONAL
    assert faults > 500


def test_faults_of_other_forms_stay_off_what_decides(told):
    faults: Counter[str] = Counter()
    for (agency, _), (_, records) in told.items():
        for record in records:
            if record.is_certain or record.form == "tasks":
                continue
            assert agency != "BCD"
            faults[record.form] += 1
            assert record.column not in DECISIVE[record.form]
            assert record.column or record.form in ("datasets", "commune_criteria")
            assert record.record_key
    assert set(faults) == set(DECISIVE)
    assert sum(faults.values()) > 200


def test_cells_that_are_certain_read_as_the_truth(told, sample: Sample, truth: Truth):
    wrong = Counter()
    for (agency, on), (draft, records) in told.items():
        if agency == "BCD" or on in (FIRST, SERVICES_DAY):
            continue
        expected = truth.expected_cells(agency, on)
        for key, column, parsed in parsed_cells(sample, table_of(draft, "tasks"), records, on):
            if (key, column.name) in expected:
                wrong[column.name] += plain(parsed) != plain(expected[key, column.name])
    assert not +wrong


def test_cells_of_other_forms_read_as_the_truth(told, sample: Sample):
    read, wrong = Counter(), Counter()
    for (agency, on), (draft, records) in told.items():
        for table in draft.tables:
            form = (sample.register if agency == "BCD" else sample.form).forms[table.form]
            sender = None if agency == "BCD" else agency
            rows = {record_key(form, r): r for r in sample.rows.rows(table.form, on, sender)}
            for key, column, parsed in parsed_cells(sample, table, records, on):
                if key in rows:
                    read[table.form] += 1
                    want, found = clean(column, rows[key]), shown(parsed)
                    if want != found:
                        wrong[table.form, column.name, want, found] += 1
    assert set(read) == set(sample.rows.forms)
    assert read["services"] > 180_000
    assert not wrong


def test_register_reads_as_the_truth(told, sample: Sample, truth: Truth):
    tasks = {task.task_code: task for task in truth.tasks}
    for on in REPORTING_DATES:
        draft: Draft = told["BCD", on][0]
        rows = [row for row in table_of(draft, "register_tasks").rows if row.record_key]
        for name in ("lead_agency", "coordinating_agencies", "assigned_on", "deadline"):
            column = sample.register.forms["register_tasks"].column(name)
            cells = [as_cell(row.cells[name]) for row in rows]
            for row, parsed in zip(
                rows, parse_column(column, cells, vocabulary(), on), strict=True
            ):
                task = tasks[row.record_key or ""]
                due = task.deadline_at(on)
                wanted = {
                    "lead_agency": task.leads,
                    "coordinating_agencies": task.coordinators,
                    "assigned_on": task.assigned_on,
                    "deadline": due.on,
                }[name]
                assert plain(parsed.value) == plain(wanted), row.cells[name]
                if name == "deadline":
                    assert (parsed.value.kind, parsed.value.precision) == (due.kind, due.precision)


def parsed_cells(sample: Sample, table: DraftTable, records: list[Deformation], on: date):
    """What reading makes of the cells of rows that are beyond doubt."""
    form = (sample.form.forms | sample.register.forms)[table.form]
    doubtful = {(r.record_key, r.column) for r in records if not r.is_certain}
    rows = [row for row in table.rows if row.record_key]
    for column in form.columns:
        cells = [as_cell(row.cells[column.name]) for row in rows]
        for row, parsed in zip(rows, parse_column(column, cells, vocabulary(), on), strict=True):
            if not {(row.record_key, column.name), (row.record_key, None)} & doubtful:
                yield row.record_key, column, parsed.value


def clean(column: Column, record) -> tuple:
    """A value of the truth with its parts, as reading gives them."""
    value = record[column.name]
    if value is not None and column.type == "quantity":
        return value, record[f"{column.name}_operator"]
    if value is not None and column.type == "unit":
        return value, record[f"{column.name}_scale"]
    return (value,)


def shown(value) -> tuple:
    """A value that was read, with its parts; what an agency hung on to a code is none of them."""
    match value:
        case Quantity():
            return value.main, value.operator
        case Unit():
            return value.main, value.scale
        case SuffixedCode():
            return (value.main,)
        case Deadline():
            return (value.day,)
        case (code,):
            return (code,)
    return (value,)


def as_cell(value) -> Cell | None:
    """What a reader makes of a written value."""
    if value is None:
        return None
    if isinstance(value, ErrorCell):
        return Cell(value.text, "error", value.text)
    if isinstance(value, date):
        return Cell(value.isoformat(), "date", value)
    if isinstance(value, (int, float)):
        number = float(value)
        return Cell(repr(number).removesuffix(".0"), "number", number)
    return Cell(value, "text", value)


def plain(value):
    """Values of reading and of the truth on one footing."""
    value = value.day if hasattr(value, "precision") else value
    return value or None


def test_writing_twice_gives_the_same_bytes(tmp_path: Path):
    chosen = {"agencies": ["BKHCN", "BTC"], "dates": [SECOND]}
    first, second = small(tmp_path / "a"), small(tmp_path / "b")
    assert write_sample(first, **chosen) == write_sample(second, **chosen)
    files = [path.relative_to(first.data_root) for path in first.data_root.rglob("*.*")]
    assert len([path for path in files if path.suffix == ".xlsx"]) == 3
    for name in files:
        ours, theirs = first.data_root / name, second.data_root / name
        assert ours.read_bytes() == theirs.read_bytes()
        if name.suffix == ".xlsx":
            assert ours.stat().st_mtime_ns == theirs.stat().st_mtime_ns


def test_every_kind_of_workbook_is_the_same_to_the_byte(
    written: tuple[Settings, SampleSummary], sample: Sample, tmp_path: Path
):
    merged = 0
    for file in sample.files([SECOND]):
        draft, _ = sample.draft(file)
        is_merged = any(table.above for table in draft.tables)
        merged += is_merged
        if is_merged or draft.hidden:
            save(to_workbook(draft), tmp_path / "again.xlsx")
            again = (tmp_path / "again.xlsx").read_bytes()
            assert again == (written[0].inbox / file.path).read_bytes(), file.path
    assert merged


def test_what_is_there_is_left_alone(tmp_path: Path):
    settings = small(tmp_path)
    write_sample(settings, ["BKHCN", "BTC"], [FIRST])
    before = {path: path.stat().st_ino for path in settings.inbox.rglob("*")}
    again = write_sample(settings, ["BKHCN", "BTC"])
    assert (again.written, again.already_there) == (8, 3)
    for path, inode in before.items():
        if path.suffix == ".xlsx":
            assert path.stat().st_ino == inode


def test_killed_before_noting_down_goes_on(tmp_path: Path):
    settings = small(tmp_path)
    write_sample(settings, ["BKHCN", "BTC"], [SECOND])
    (settings.inbox / ".sample.json").unlink()
    next(settings.inbox.glob("BTC/*")).unlink()
    again = write_sample(settings, ["BKHCN", "BTC"], [SECOND])
    assert (again.written, again.already_there) == (1, 2)


@pytest.mark.parametrize("name", ["BKHCN/bao_cao.xlsx", "BTC/NQ57-01_BTC_2025-09-23.xlsx", "x.txt"])
def test_foreign_file_is_refused_by_name(tmp_path: Path, name: str):
    settings = small(tmp_path)
    path = settings.inbox / name
    path.parent.mkdir(parents=True)
    path.write_text("số liệu thật", encoding="utf-8")
    with pytest.raises(SampleRefused, match=path.name) as refusal:
        write_sample(settings, ["BKHCN", "BTC"], [SECOND])
    assert refusal.value.path == path
    assert path.read_text(encoding="utf-8") == "số liệu thật"


def test_changed_sample_file_is_refused(tmp_path: Path):
    settings = small(tmp_path)
    write_sample(settings, ["BKHCN", "BTC"], [SECOND])
    path = next(settings.inbox.glob("BTC/*"))
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(SampleRefused, match=path.name):
        write_sample(settings, ["BKHCN", "BTC"], [SECOND])


def test_sample_of_other_agencies_is_refused(tmp_path: Path):
    settings = small(tmp_path)
    write_sample(settings, ["BKHCN", "BTC"], [SECOND])
    with pytest.raises(SampleRefused, match="other agencies"):
        write_sample(settings, ["BKHCN"], [SECOND])


def test_unknown_agency_is_named():
    with pytest.raises(ValueError, match="BTTTT"):
        load_sample(Settings(Path("unused"), Path("unused")), ["BTC", "BTTTT"])


def test_foreign_channels_are_refused(tmp_path: Path):
    settings = small(tmp_path)
    settings.channels.write_text("- {agency_code: BTC, url: /srv/btc}\n", encoding="utf-8")
    with pytest.raises(SampleRefused, match="channels"):
        write_sample(settings, ["BKHCN", "BTC"], [SECOND])
    assert not settings.inbox.exists()


def test_two_agencies_make_a_closed_world(truth: Truth):
    world = truth.restricted(("BKHCN", "BTC"))
    assert len(world.tasks) > 50
    assert world.agencies == ("BTC", "BKHCN")
    for task in world.tasks:
        named = {*task.leads, *task.coordinators}
        assert named <= {"BKHCN", "BTC"}
        for agency in named:
            assert (agency, THIRD, task.task_code) in world.reports
    assert {agency for agency, _, _ in world.reports} == {"BKHCN", "BTC"}


def test_cell_traps_never_touch_what_they_do_not_mean():
    rng = random.Random(1)
    for trap in CATALOGUE:
        if trap.types in (("date",), ("count",), ("quantity",)) and trap.is_certain:
            assert trap.write(rng, None) is None
    assert cell_traps.date_as_serial(rng, date(2025, 9, 5)) == 45905
    assert cell_traps.date_in_words(rng, date(2025, 9, 5)) == "ngày 5 tháng 9 năm 2025"


@pytest.mark.parametrize(
    ("trap", "value", "written"),
    [
        ("count_with_dots", 1234567, "1.234.567"),
        ("count_with_dots", 1885, "1.885"),
        ("count_with_dots", 885, None),
        ("count_with_leading_zero", 7, "07"),
        ("count_with_leading_zero", 0, None),
        ("quantity_with_scale_words", 2500000, "2,5 triệu"),
        ("quantity_with_scale_words", 203000, "203 nghìn"),
        ("quantity_with_scale_words", 1234567, None),
        ("quantity_with_comma", 111.4, "111,4"),
        ("quantity_with_comma", 1.125, None),
        ("code_without_leading_zeros", "00004", 4),
        ("code_without_leading_zeros", "TC01", None),
        ("code_as_number", "9.000120", 9.00012),
    ],
)
def test_traps_of_numbers(trap: str, value, written):
    (found,) = (t for t in number_traps.NUMBER_TRAPS if t.name == trap)
    assert found.write(random.Random(1), value) == written


def test_scale_words_keep_the_operator():
    (trap,) = (t for t in number_traps.NUMBER_TRAPS if t.name == "quantity_with_scale_words")
    written = str(trap.write(random.Random(1), "> 3200000000000000"))
    assert written.split(" ", 1)[0] in ("hơn", "trên", "vượt")
    assert written.endswith(" 3,2 triệu tỷ")
