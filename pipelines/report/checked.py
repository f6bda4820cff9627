"""The answer of `nq57 check` as a terminal shows it, in Vietnamese or in English.

What belongs here: words and order. What does not: what was found
(`checking/checked.py`), and the sentences of rules, reasons and notes, which are data
(`expectations/rules.csv`, seeds).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from rich.text import Text

from pipelines.checking.checked import Checked, Finding, FormFound

Language = Literal["vi", "en"]
Say = Callable[..., str]
Labels = dict[str, str]

_WORDS = {
    "title": ("Kiểm tra {file}", "Check of {file}"),
    "sender": ("cơ quan {agency}, ngày báo cáo {day}", "agency {agency}, reporting date {day}"),
    "refused": ("Tệp bị từ chối: {reason}", "The file is refused: {reason}"),
    "held": ("Sẽ bị giữ lại, biểu {form}: {reason}", "Would be held, form {form}: {reason}"),
    "table": (
        "{form}, trang {sheet}: {rows} dòng, tiêu đề ở dòng {header}",
        "{form}, sheet {sheet}: {rows} rows, header in row {header}",
    ),
    "no_finding": ("Không có gì phải sửa.", "Nothing to mend."),
    "found": ("ghi: {value}", "found: {value}"),
    "absent": ("không có trong trang", "not on the sheet"),
    "blank": ("(trống)", "(blank)"),
    "expected": ("cần: {value}", "expected: {value}"),
    "beside": ("liên quan: {value}", "beside it: {value}"),
    "asked": ("Yêu cầu", "Rule"),
    "fix": ("Cách sửa", "To mend"),
    "missing": ("Không tìm thấy cột: {names}", "Columns not found: {names}"),
    "sheets": ("Trang không thuộc biểu nào: {names}", "Sheets of no form: {names}"),
    "repairs": ("Đọc được sau khi chỉnh", "Read after a repair"),
    "repair": (
        "{header}: {repair}, {cells} ô, từ dòng {row}",
        "{header}: {repair}, {cells} cells, from row {row}",
    ),
    "questions": (
        "Chờ Ban Chỉ đạo trả lời, nên chưa được tính",
        "Waits for the committee, and is not counted until then",
    ),
    "header_question": (
        "Tiêu đề “{what}” có phải là cột “{guess}” không?",
        "Is the header “{what}” the column “{guess}”?",
    ),
    "row_question": (
        "Dòng {what} có phải là {guess} trong danh mục không?",
        "Is row {what} {guess} of the register?",
    ),
    "due": (
        "Biểu đến hạn vào ngày này mà tệp không có: {names}",
        "Forms due on this date that the file does not hold: {names}",
    ),
    "no_register": (
        "Chưa có danh mục của Ban Chỉ đạo: chỉ kiểm tra được những gì không cần danh mục.",
        "No register is at hand: only what needs none was checked.",
    ),
    "not_run": ("Không kiểm tra", "Not run"),
    "other_agencies": ("cần báo cáo của cơ quan khác", "needs reports of other agencies"),
    "earlier_reports": (
        "cần báo cáo trước, chưa có ở đây",
        "needs earlier reports, which are not at hand",
    ),
    "register": ("cần danh mục của Ban Chỉ đạo", "needs the committee's register"),
    "sum": (
        "{findings} điểm phải sửa; đã chạy {rules} quy tắc trong {seconds:.0f} giây",
        "{findings} things to mend; {rules} rules were run in {seconds:.0f} seconds",
    ),
    "sum_refused": ("Chưa kiểm tra được gì khác", "Nothing else could be checked"),
}


def lines(found: Checked, seeds: Path, language: Language, seconds: float) -> Iterator[Text]:
    """The whole answer, a line at a time."""
    say = _speaker(language)
    forms = _labels(seeds / "forms.csv", "form", f"label_{language}")
    reasons = _labels(seeds / "submission_reasons.csv", "reason_code", f"reason_{language}")
    yield _line(say("title", file=found.file_name), "bold")
    if found.refusal:
        code, detail = found.refusal
        yield _line(f"✗ {say('refused', reason=reasons.get(code, code))}", "red", 2)
        yield from ([_line(detail, "", 4)] if detail else ())
        yield _line(say("sum_refused"))
        return
    day = f"{found.reporting_date:%d/%m/%Y}" if language == "vi" else f"{found.reporting_date}"
    yield _line(say("sender", agency=found.agency_code, day=day), "", 2)
    for form, code in found.held:
        why = reasons.get(code, code)
        yield _line(f"✗ {say('held', form=forms.get(form, form), reason=why)}", "red", 2)
    if not found.has_register:
        yield _line(say("no_register"), "yellow", 2)
    yield from _of_the_file(found, seeds, forms, language, say)
    for table in found.tables:
        yield from _of_a_table(found, table, seeds, forms, language, say)
    yield from _left_out(found, language, say)
    yield _line("")
    rules = len(found.selection.rules)
    mark, style = ("✓", "green") if found.is_clean else ("✗", "red")
    summed = say("sum", findings=found.faults, rules=rules, seconds=seconds)
    yield _line(f"{mark} {summed}", style)


def _of_the_file(
    found: Checked, seeds: Path, forms: Labels, language: Language, say: Say
) -> Iterator[Text]:
    """What concerns no single table."""
    yield from _notes(found, None, seeds, language)
    if found.unmatched_sheets:
        yield _line(say("sheets", names="; ".join(found.unmatched_sheets)), "", 2)
    if found.not_in_file:
        names = "; ".join(forms.get(form, form) for form in found.not_in_file)
        yield _line(say("due", names=names), "", 2)


def _of_a_table(  # noqa: PLR0913, PLR0917 - one table, and how to speak of it
    found: Checked, table: FormFound, seeds: Path, forms: Labels, language: Language, say: Say
) -> Iterator[Text]:
    yield _line("")
    header = say(
        "table",
        form=forms.get(table.form, table.form),
        sheet=table.sheet_name,
        rows=table.rows,
        header=table.header_row,
    )
    yield _line(header, "bold")
    yield from _notes(found, table.form, seeds, language)
    if table.missing_columns:
        yield _line(say("missing", names="; ".join(table.missing_columns)), "yellow", 2)
    questions = [one for one in found.questions if one.form == table.form]
    if questions:
        yield _line(say("questions"), "yellow", 2)
        for one in questions:
            yield _line(say(f"{one.kind}_question", what=one.what, guess=one.guess), "", 4)
    of_table = [one for one in found.findings if one.form == table.form]
    told: set[str] = set()
    for finding in of_table:
        yield from _finding(finding, language, say, finding.rule.rule_id in told)
        told.add(finding.rule.rule_id)
    if not of_table:
        yield _line(say("no_finding"), "green", 2)
    yield from _repairs(found, table, language, say)


def _finding(finding: Finding, language: Language, say: Say, is_told: bool) -> Iterator[Text]:
    """The cell, what stands there, what the rule asks for, how to mend it.

    The rule is told in words where it first failed: a column of 300 faults stays 300 lines.
    """
    rule = finding.rule
    value = say("found", value=finding.value_found or say("blank"))
    parts = [
        finding.header_text,
        value if finding.row_number else say("absent"),
        finding.value_expected and say("expected", value=finding.value_expected),
        finding.related_cells and say("beside", value=finding.related_cells),
        is_told and rule.rule_id,
    ]
    place = finding.cell or (f"{finding.row_number}" if finding.row_number else "")
    style = {"critical": "red", "warning": "yellow"}.get(rule.severity, "")
    head = Text(f"  {place:<6}", f"bold {style}".strip())
    key = f"{finding.record_key} · " if finding.record_key and ":" not in finding.record_key else ""
    yield head + Text(key + " · ".join(part for part in parts if part), "not bold")
    if is_told:
        return
    asked = getattr(rule, f"sentence_{language}")
    yield _line(f"{say('asked')} {rule.rule_id}: {asked}", "", 8)
    yield _line(f"{say('fix')}: {getattr(rule, f'how_to_fix_{language}')}", "", 8)


def _repairs(found: Checked, table: FormFound, language: Language, say: Say) -> Iterator[Text]:
    repairs = [one for one in found.repairs if one.form == table.form]
    if not repairs:
        return
    labels = repair_labels(language)
    yield _line(f"{say('repairs')}:", "dim", 2)
    for one in repairs:
        repair = labels.get(one.repair, one.repair)
        said = say("repair", header=one.header, repair=repair, cells=one.cells, row=one.first_row)
        yield _line(said, "dim", 4)


def _notes(found: Checked, form: str | None, seeds: Path, language: Language) -> Iterator[Text]:
    """What the receipt says of the reading, in the sentences of the seed."""
    sentences = _labels(seeds / "reading_notes.csv", "code", f"sentence_{language}")
    for note in found.notes:
        if note.form == form:
            sentence = sentences.get(note.code, f"{note.code}: {{detail}}")
            yield _line(sentence.replace("{detail}", note.detail), "dim", 2)


def _left_out(found: Checked, language: Language, say: Say) -> Iterator[Text]:
    for reason, rules in found.selection.left_out.items():
        yield _line("")
        yield _line(f"{say('not_run')}: {say(reason)}", "bold")
        for rule in rules:
            yield _line(f"{rule.rule_id} {getattr(rule, f'sentence_{language}')}", "dim", 2)


def _speaker(language: Language) -> Say:
    place = ("vi", "en").index(language)

    def say(word: str, **values: object) -> str:
        return _WORDS[word][place].format(**values)

    return say


def repair_labels(language: Language) -> Labels:
    """What each repair did, in words."""
    return _labels(Path(__file__).with_name("repairs.csv"), "repair", f"label_{language}")


def _labels(path: Path, key: str, label: str) -> Labels:
    """A list as codes and labels."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row[key]: row[label] for row in csv.DictReader(file)}


def _line(text: str, style: str = "", indent: int = 0) -> Text:
    """As text: what stands in a workbook is no markup, and moves no cursor."""
    return Text(" " * indent + text, style)
