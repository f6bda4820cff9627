"""Rows without a code find their row of the register, or ask; they never find another one."""

import random
from collections import Counter

import pytest

from pipelines.row_matches import circles, described
from pipelines.settings import Settings
from pipelines.workbook.desk import Desk, Sent
from pipelines.workbook.layout.likeness import load_likeness
from pipelines.workbook.row_match import Described, KnownRow, OpenRow, Register, fingerprint
from pipelines.workbook.submission import read_file
from pipelines.workbook.template import Match

SETTINGS = Settings.from_environment()
FOLDER = SETTINGS.real_input / "nq57_tasks"
LIKENESS = load_likeness(SETTINGS.seeds, "row")
CIRCLE = circles(SETTINGS.seeds)
BY = Match(to="register_tasks", title="title", document="legal_basis", within="lead_agency")

PLATFORM = "Xây dựng nền tảng tích hợp, chia sẻ dữ liệu của các bộ, ngành và địa phương"
STRATEGY = "Ban hành chiến lược phát triển công nghiệp bán dẫn đến năm 2030"
LAW = "Trình Quốc hội dự án Luật Chuyển đổi số tại kỳ họp thứ 10"


def row(title, *leads, document=""):
    return Described(title, frozenset(leads), document)


KNOWN = [
    KnownRow("NQ71-001", row(PLATFORM, "BCA", document="Nghị quyết số 71/NQ-CP")),
    KnownRow("NQ71-002", row(STRATEGY, "BKHCN", document="Nghị quyết số 71/NQ-CP")),
    KnownRow("KL-001", row(STRATEGY, "BKHCN", document="Thông báo số 552/TB-VPCP")),
    KnownRow("NQ71-003", row(LAW, "BTTTT", document="Nghị quyết số 71/NQ-CP")),
]


def match(*rows, answers=None, known=KNOWN):
    assert LIKENESS is not None
    register = Register(known, LIKENESS, CIRCLE)
    found = [
        one if isinstance(one, OpenRow) else OpenRow(n, None, one) for n, one in enumerate(rows)
    ]
    return register.match("BKHCN", "tasks", found, answers or {})


def told(*rows, **given):
    return [(one.record_key, one.basis, one.verdict) for one in match(*rows, **given)]


def test_a_readable_code_goes_before_words():
    assert told(OpenRow(4, "NQ71-003", row(PLATFORM, "BCA"))) == [("NQ71-003", "code", "accepted")]


def test_the_same_words_match_whatever_their_marks():
    assert told(row(PLATFORM.upper().replace(",", " ;"), "BCA")) == [
        ("NQ71-001", "document_title", "accepted")
    ]


def test_the_document_tells_two_tasks_of_one_wording_apart():
    said = row(STRATEGY, "BKHCN", document="TB 552/TB-VPCP ngày 15/10/2025")

    assert told(said) == [("KL-001", "document_title", "accepted")]
    assert told(row(STRATEGY, "BKHCN"))[0][2] == "asked"


def test_another_document_or_lead_is_asked_about():
    assert told(row(PLATFORM, "BCA", document="Chỉ thị số 33/CT-TTg"))[0][2] == "asked"
    assert told(row(PLATFORM, "BTC"))[0] == ("NQ71-001", "document_title", "asked")


def test_the_successor_of_an_abolished_ministry_leads_its_tasks():
    assert told(row(LAW, "BKHCN")) == [("NQ71-003", "document_title", "accepted")]


def test_slips_of_writing_are_alike_enough_within_the_lead_agency():
    slipped = PLATFORM.replace("tích hợp", "tích hơp").replace("nền tảng", "nền tản")

    assert told(row(slipped, "BCA")) == [("NQ71-001", "likeness", "accepted")]
    assert told(row(slipped, "BTC"))[0] == ("NQ71-001", "likeness", "asked")
    assert told(row(slipped))[0] == ("NQ71-001", "likeness", "asked")


@pytest.mark.parametrize(
    "title",
    [
        STRATEGY.replace("bán dẫn", "vi mạch"),
        STRATEGY.replace("2030", "2035"),
        LAW.replace("Chuyển đổi số", "Công nghệ số"),
        LAW.replace("tại kỳ họp", "sau kỳ họp"),
        LAW.replace("Trình", "Không trình"),
        "Xây dựng nền tảng",
    ],
)
def test_another_object_year_or_word_that_turns_is_never_believed(title):
    assert all(verdict != "accepted" for _, _, verdict in told(row(title, "BKHCN", "BCA")))


def test_two_rows_for_one_task_are_both_asked_about():
    rows = told(row(PLATFORM, "BCA"), row(PLATFORM.replace("nền tảng", "nền tản"), "BCA"))

    assert [(key, verdict) for key, _, verdict in rows] == [("NQ71-001", "asked")] * 2


def test_an_answer_holds_for_the_same_row_of_every_later_report():
    said = row("Nền tảng chia sẻ dữ liệu dùng chung", "BCA")
    (asked,) = match(said)

    assert asked.decision_key == f"BKHCN|tasks|{fingerprint(said)}"
    assert told(said, answers={asked.decision_key: "NQ71-001"}) == [
        ("NQ71-001", "decision", "accepted")
    ]
    assert told(said, answers={asked.decision_key: "none"}) == [(None, "decision", "refused")]


def test_nothing_alike_is_refused():
    assert told(row("Tổ chức hội thao chào mừng ngày thành lập ngành", "BCA"))[0][2] == "refused"
    assert told(row("", "BCA"))[0][2] == "refused"
    assert told(row(PLATFORM, "BCA"), known=[])[0][2] == "refused"


def real_rows(name):
    reading = read_file(
        Sent(FOLDER / name, "BCD", name), Desk.set_up(SETTINGS.seeds, SETTINGS.templates)
    )
    (form,) = reading.forms
    cells = {column.name: parsed for column, parsed in form.columns}
    values = [
        {name: parsed[place].value for name, parsed in cells.items()}
        for place in range(len(form.row_numbers))
    ]
    return [(row["task_code"], described(row | {"legal_basis": None}, BY)) for row in values]


@pytest.fixture(scope="module")
def lists():
    if not FOLDER.is_dir():
        pytest.skip(f"no real input at {FOLDER}")
    return (
        real_rows("nq03_tasks_original_agencies.csv"),
        real_rows("nq03_tasks_after_2025-03_merger.csv"),
    )


def linked(register, report):
    """Verdict, and whether the key is the true one, of each row."""
    known = [KnownRow(code, said) for code, said in register]
    rows = [OpenRow(number, None, said) for number, (_, said) in enumerate(report)]
    assert LIKENESS is not None
    found = Register(known, LIKENESS, CIRCLE).match("BCD", "tasks", rows, {})
    return Counter(
        (one.verdict, one.record_key == truth)
        for one, (truth, _) in zip(found, report, strict=True)
    )


def said_of(name, found, count):
    accepted = found["accepted", True] + found["accepted", False]
    print(
        f"{name}: precision {found['accepted', True] / max(accepted, 1):.4f}, recall"
        f" {found['accepted', True] / count:.4f}, asked"
        f" {(found['asked', True] + found['asked', False]) / count:.4f}"
        f" (right {found['asked', True]}), refused"
        f" {(found['refused', True] + found['refused', False]) / count:.4f}"
    )


@pytest.mark.parametrize("turn", [1, -1], ids=["merged_to_original", "original_to_merged"])
def test_the_two_published_lists_are_linked_without_their_numbers(lists, turn):
    register, report = lists[::turn]
    found = linked(register, report)
    said_of("published lists", found, len(report))

    assert not found["accepted", False]
    assert found["accepted", True] >= 139
    assert found["asked", True] == 1


def slipped(chance, title):
    """A letter lost in one word of fifteen, as a hurried typist does."""
    words = title.split(" ")
    for place, word in enumerate(words):
        if len(word) > 3 and word.isalpha() and chance.random() < 1 / 15:
            cut = chance.randrange(1, len(word))
            words[place] = word[:cut] + word[cut + 1 :]
    return " ".join(words)


DEFORMED = {
    "letters_lost": (slipped, 0.85),
    "tail_lost": (lambda chance, title: title[: round(0.9 * len(title))], 0.38),
    "word_changed": (
        lambda chance, title: " ".join(
            "thủy sản" if n == len(title.split()) // 2 else word
            for n, word in enumerate(title.split())
        ),
        0,
    ),
}


@pytest.mark.parametrize("name", DEFORMED)
def test_deformed_titles_are_never_linked_to_another_task(lists, name):
    deform, floor = DEFORMED[name]
    chance = random.Random(57)
    register, report = lists
    deformed = [
        (code, Described(deform(chance, said.title), said.leads, "")) for code, said in report
    ]
    found = linked(register, deformed)
    said_of(name, found, len(report))

    assert not found["accepted", False]
    assert found["accepted", True] >= floor * len(report)
    assert found["asked", True] >= 0.9 * (found["asked", True] + found["asked", False])


def test_a_task_that_the_register_does_not_list_is_linked_to_none(lists):
    register, report = lists
    verdicts = Counter()
    for code, said in report:
        rest = [(other, words) for other, words in register if other != code]
        verdicts += linked(rest, [(code, said)])
    print("absent from the register:", dict(verdicts))

    assert not verdicts["accepted", False]
