import csv
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.settings import PROJECT_ROOT
from pipelines.workbook.names import load_names

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
NAMES = load_names(SEEDS)
BEFORE, AFTER = date(2025, 1, 9), date(2025, 9, 23)
with (SEEDS / "agencies.csv").open(encoding="utf-8", newline="") as stream:
    AGENCIES = list(csv.DictReader(stream))
TODAY = [line for line in AGENCIES if not line["valid_to"]]
CERTAIN = [line for line in TODAY if line["kind"] != "group"]
SEPARATORS = ("; ", ", ", ";", "\n", " và ", ",\n", ";\n", " - ", " + ")


@given(
    lines=st.lists(st.sampled_from(CERTAIN), min_size=1, max_size=5, unique_by=id),
    separator=st.sampled_from(SEPARATORS),
)
def test_names_joined_by_any_separator_read_back(lines, separator):
    found = NAMES.find(separator.join(line["name_vi"] for line in lines), AFTER)

    assert found.unknown == ()
    assert list(found.codes) == [line["agency_code"] for line in lines]


@pytest.mark.parametrize("line", AGENCIES, ids=lambda line: line["agency_code"])
def test_every_name_means_its_agency_while_it_is_valid(line):
    on = date.fromisoformat(line["valid_to"] or "2025-09-23")

    assert NAMES.find(line["name_vi"], on).codes == (line["agency_code"],)
    assert NAMES.find(line["agency_code"], on).codes == (line["agency_code"],)


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("Bộ KH&CN", ["BKHCN"]),
        ("Bộ KHCN", ["BKHCN"]),
        ("BKHCN", ["BKHCN"]),
        ("NHNN", ["NHNN"]),
        ("Bộ GD-ĐT", ["BGDDT"]),
        ("Bộ VHTT&DL", ["BVHTTDL"]),
        ("TP.HCM", ["P79"]),
        ("Tp. Hồ Chí Minh", ["P79"]),
        ("TPHCM", ["P79"]),
        ("UBND tỉnh Bắc Ninh", ["P24"]),
        ("Ủy ban nhân dân thành phố Hà Nội", ["P01"]),
        ("Đăk Lăk", ["P66"]),
        ("Bà Rịa–Vũng Tàu", ["T77"]),
        ("Bộ Văn hóa, Thể thao và Du lịch, Bộ Y tế", ["BVHTTDL", "BYT"]),
        ("Bộ Nông nghiệp và\nMôi trường", ["BNNMT"]),
        ("Bộ Thông tin và Truyền thông Bộ Khoa học và Công nghệ", ["BTTTT", "BKHCN"]),
        ("bộ tài chính", ["BTC"]),
        ("Các bộ, ngành, địa phương", ["G-ALL"]),
        ("các Bộ, ngành và địa phương", ["G-ALL"]),
        ("Các bộ, ngành liên quan", ["G-CENTRAL-RELEVANT"]),
        ("Các tỉnh, thành phố trực thuộc TW", ["G-PROVINCES"]),
        ("Bộ Công an và các địa phương", ["BCA", "G-PROVINCES"]),
        ("Bộ Công an và các địa phương Bắc Ninh, An Giang", ["BCA", "P24", "P91"]),
        ("Bộ Công an chủ trì, phối hợp với Bộ Y tế", ["BCA", "BYT"]),
        ("Bộ Y tế, Bộ Y tế", ["BYT"]),
    ],
)
def test_what_people_write(written, codes):
    found = NAMES.find(written, AFTER)

    assert (list(found.codes), found.unknown) == (codes, ())


@pytest.mark.parametrize(
    ("written", "codes", "unknown"),
    [
        ("Bộ Công an; Tổ công tác số 9", ["BCA"], ["Tổ công tác số 9"]),
        ("Sở Y tế tỉnh Bắc Ninh; BCA", ["BCA"], ["Sở Y tế tỉnh Bắc Ninh"]),
        ("Bộ Công an (A06)", ["BCA"], ["A06"]),
        ("Bộ", [], ["Bộ"]),
    ],
)
def test_an_unknown_part_is_named_and_the_certain_ones_are_kept(written, codes, unknown):
    found = NAMES.find(written, AFTER)

    assert (list(found.codes), list(found.unknown)) == (codes, unknown)


def test_a_province_means_the_unit_of_its_time():
    assert NAMES.find("An Giang", BEFORE).codes == ("T89",)
    assert NAMES.find("An Giang", AFTER).codes == ("P91",)
    assert NAMES.find("Bình Dương", AFTER).codes == ("T74",)


def test_no_name_means_two_agencies_on_one_day():
    for words, meanings in NAMES.meanings.items():
        for on in (BEFORE, AFTER):
            valid = [one for one in meanings if one.valid_from <= on <= one.valid_to]
            assert len(valid) <= 1, (words, valid)


@given(written=st.text(max_size=60))
def test_no_text_breaks_the_reading_of_names(written):
    found = NAMES.find(written, AFTER)

    assert len(set(found.codes)) == len(found.codes)
