"""Texts typed with fonts from before Unicode: what is converted, what is left, what is in doubt."""

import csv
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.settings import PROJECT_ROOT
from pipelines.workbook.cells import Cell, Sheet
from pipelines.workbook.desk import Desk
from pipelines.workbook.parsing import encodings
from pipelines.workbook.parsing.encodings import (
    ENCODINGS,
    decoded,
    encoding_of,
    in_unicode,
    to_unicode,
)
from pipelines.workbook.parsing.syllables import is_syllable

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
HATS = {"\u0302", "\u0306"}


def listed(*names):
    """All texts of some seeds: good Vietnamese in Unicode."""
    texts = set()
    for name in names:
        with (SEEDS / name).open(encoding="utf-8", newline="") as stream:
            texts |= {text for row in csv.reader(stream) for text in row}
    return sorted(texts)


NAMES = listed("agencies.csv", "agency_aliases.csv", "communes.csv", "words.csv", "forms.csv")
TO_TCVN3 = {chr(new): chr(old) for old, new in encodings._TCVN3.items()}
TO_MARK = {marks: letter for letter, marks in encodings._VNI_MARKS.items()}
TO_LETTER = {new: old for old, new in encodings._VNI_LETTERS.items()}


def in_tcvn3(text):
    return "".join(TO_TCVN3.get(letter, letter) for letter in text)


def vni_letter(letter):
    small = letter.lower()
    if small in TO_LETTER or small in "íì":
        written = TO_LETTER.get(small, small)
    else:
        base, *marks = unicodedata.normalize("NFD", small)
        if "\u031b" in marks:  # the horn of ơ and ư
            base = {"o": "ô", "u": "ö"}[base]
            marks.remove("\u031b")
        marks.sort(key=lambda mark: mark not in HATS)
        written = base + (TO_MARK["".join(marks)] if marks else "")
    return written.upper() if letter.isupper() else written


def in_vni(text):
    return "".join(letter if letter.isascii() else vni_letter(letter) for letter in text)


WRITERS = {"tcvn3": in_tcvn3, "vni": in_vni}


def can_be_written(text, encoding):
    """TCVN3 has no capitals with tones; both have only Vietnamese letters."""
    capitals = [letter for letter in text if letter.isupper() and not letter.isascii()]
    if encoding == "tcvn3" and any(letter not in TO_TCVN3 for letter in capitals):
        return False
    return all(letter.isascii() or letter.lower() in VIETNAMESE for letter in text)


VIETNAMESE = set(TO_TCVN3) | {"à", "í", "ì"}


def column(*texts):
    return Sheet("Sheet1", tuple((Cell(text, "text", text),) for text in texts))


def texts_of(sheet):
    return [cell.text for row in sheet.rows for cell in row]


@pytest.mark.parametrize(
    ("written", "encoding", "meant"),
    [
        ("hép møt tÕt", "tcvn3", "hộp mứt tết"),
        ("Bé Tµi chÝnh", "tcvn3", "Bộ Tài chính"),
        ("Bé Y tÕ", "tcvn3", "Bộ Y tế"),
        ("§¹i häc", "tcvn3", "Đại học"),
        ("M\u00adêng Kh\u00ad¬ng", "tcvn3", "Mường Khương"),
        ("Xin chaøo caùc baïn", "vni", "Xin chào các bạn"),
        ("UÛy ban nhaân daân tænh", "vni", "Ủy ban nhân dân tỉnh"),
        ("Ñaø Naüng", "vni", "Đà Nẵng"),
    ],
)
def test_a_text_that_proves_its_encoding_is_converted(written, encoding, meant):
    found = decoded(column(written, "Bộ Tài chính"))

    assert texts_of(found.sheet) == [meant, "Bộ Tài chính"]
    assert found.sheet.rows[0][0].value == written
    assert (found.converted, found.doubtful) == ({encoding: 1}, 0)


def test_no_name_in_unicode_is_ever_taken_for_another_encoding():
    sheet = column(*(text for text in NAMES if text))

    assert decoded(sheet) == (sheet, {}, 0)
    for text in NAMES:
        alone = column(text)
        assert decoded(alone).sheet is alone


@pytest.mark.parametrize("text", ["µm", "Café Müller", "© 2025", "«Bộ»", "§ 5", "5 m²", "Ñ", "½"])
def test_signs_and_foreign_words_stay(text):
    sheet = column(text, "Bộ Y tế")

    assert decoded(sheet).sheet is sheet


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_is_converted_is_what_was_meant(encoding):
    meant = [text for text in NAMES if text and can_be_written(text, encoding)]
    written = [WRITERS[encoding](text) for text in meant]
    found = decoded(column(*written))

    cells = [row[0] for row in found.sheet.rows]
    wrong = [
        (cell, text)
        for cell, text in zip(cells, meant, strict=True)
        if cell.value is not None and cell.text != text
    ]
    assert wrong == []
    assert found.doubtful < len(meant) / 50


@settings(max_examples=60)
@given(
    texts=st.lists(st.sampled_from(NAMES), min_size=1, max_size=8),
    encoding=st.sampled_from(ENCODINGS),
)
def test_some_cells_alone_are_converted_rightly_or_not_at_all(texts, encoding):
    meant = [text for text in texts if can_be_written(text, encoding)]
    written = [WRITERS[encoding](text) for text in meant]

    for (cell,), text, before in zip(
        decoded(column(*written)).sheet.rows, meant, written, strict=True
    ):
        assert cell.text in (text, before)
        assert cell.text == text or cell.value in (before, None)


def test_a_text_that_could_be_either_follows_its_column_or_is_in_doubt():
    alone = decoded(column("Bé Y tÕ", "Hßa B×nh", "Hòa"))
    mixed = decoded(column("Bé Y tÕ", "Hßa B×nh", "Bộ Y tế", "Hòa"))

    assert texts_of(alone.sheet) == ["Bộ Y tế", "Hòa Bình", "Hũa"]
    assert texts_of(mixed.sheet) == ["Bộ Y tế", "Hòa Bình", "Bộ Y tế", "Hòa"]
    assert mixed.sheet.rows[3][0].value is None
    assert mixed.doubtful == 1


def test_a_single_word_proves_nothing_and_is_in_doubt():
    found = decoded(column("tèt"))

    assert found.sheet.rows[0][0] == Cell("tèt", "text", None)
    assert found.doubtful == 1


def test_letters_lost_on_the_way_are_in_doubt():
    """Without its soft hyphens, ư in TCVN3, a text is no Vietnamese whichever way it is read."""
    found = decoded(column("Bé Y tÕ", "Mêng Kh¬ng"))

    assert found.sheet.rows[1][0].value is None


def test_capitals_of_capital_fonts():
    assert to_unicode("TµI CHÝNH", "tcvn3") == "TÀI CHÍNH"
    assert to_unicode("TAØI CHÍNH", "vni") == "TÀI CHÍNH"


def test_texts_name_their_encoding_only_together():
    assert encoding_of(["Bé Y tÕ", "Hßa B×nh"]) == "tcvn3"
    assert encoding_of(["Boä Taøi chính"]) == "vni"
    assert encoding_of(["Bé Y tÕ", "Bộ Y tế"]) is None
    assert encoding_of(["Hà Nam", "Nam"]) is None


@given(written=st.text(max_size=40))
def test_no_text_breaks_the_decision(written):
    found = decoded(column(written)).sheet.rows[0][0]

    assert found.value is None or found.value == written
    for encoding in ENCODINGS:
        to_unicode(written, encoding)


@pytest.mark.parametrize("word", ["hòa", "hoà", "thủy", "quyết", "giếng", "gì", "Đắk", "Huỳnh"])
def test_syllables(word):
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["tÕt", "xaõ", "tèt", "hợpp", "gịám", "café", "møt"])
def test_what_is_no_syllable(word):
    assert not is_syllable(word)


def test_a_word_for_nothing_is_unicode_in_a_sheet_of_old_letters():
    """`Không` would become `Khụng`, which is a syllable too (found by the corpus, 2026-11-25)."""
    desk = Desk.set_up(SEEDS, (PROJECT_ROOT / "pipelines" / "templates",))
    texts = [in_tcvn3("Xây dựng nền tảng dữ liệu dùng chung của ngành"), "Không", "không có"]
    sheet = Sheet("A", tuple((Cell(text, "text", text),) for text in texts))

    read = [row[0].text for row in in_unicode(sheet, desk.labels).rows]

    assert read == ["Xây dựng nền tảng dữ liệu dùng chung của ngành", "Không", "không có"]
