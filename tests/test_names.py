import csv
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.settings import PROJECT_ROOT
from pipelines.workbook.parsing.names import load_names

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
        ("Bộ Khoa học và Công nghệ", ["BKHCN"]),
        ("Bộ GDĐT", ["BGDDT"]),
        ("Bộ GD&ĐT", ["BGDDT"]),
        ("Bộ VHTTDL", ["BVHTTDL"]),
        ("Bộ VHTT-DL", ["BVHTTDL"]),
        ("Bộ Văn hoá, Thể thao và Du lịch", ["BVHTTDL"]),
        ("TP. HCM", ["P79"]),
        ("TP HCM", ["P79"]),
        ("TP. Hồ Chí Minh", ["P79"]),
        ("TP Hồ Chí Minh", ["P79"]),
        ("TP.Hồ Chí Minh", ["P79"]),
        ("Thành phố Hồ Chí Minh", ["P79"]),
        ("Tp. Hà Nội", ["P01"]),
        ("TP Hà Nội", ["P01"]),
        ("Đắk Lắk", ["P66"]),
        ("Đắc Lắc", ["P66"]),
        ("UBND tỉnh Đắc Lắc", ["P66"]),
        ("Ðắk Lắk", ["P66"]),
        ("Đăk Nông", ["T67"]),
        ("UBND tỉnh Bắc Cạn", ["T06"]),
        ("Thanh Hoá", ["P38"]),
        ("UBND Khánh Hoà", ["P56"]),
        ("Uỷ ban nhân dân tỉnh Thanh Hoá", ["P38"]),
        ("Bà Rịa - Vũng Tàu", ["T77"]),
        ("Bà Rịa-Vũng Tàu", ["T77"]),
        ("Thừa Thiên – Huế", ["P46"]),
        ("Thừa Thiên Huế", ["P46"]),
        ("TT-Huế", ["P46"]),
        ("Bộ TT&TT", ["BTTTT"]),
        ("Bộ KH&ĐT", ["BKHDT"]),
        ("Bộ TN&MT", ["BTNMT"]),
        ("Bộ Lao động - Thương binh và Xã hội", ["BLDTBXH"]),
        ("Bộ Lao động – Thương binh và Xã hội", ["BLDTBXH"]),
        ("Ngân hàng Nhà nước VN", ["NHNN"]),
        ("Các bộ, cơ quan", ["G-CENTRAL"]),
        ("Các địa phương có đảo", ["G-PROVINCES-ISLANDS"]),
        ("Các thành phố trực thuộc Trung ương", ["G-CITIES"]),
        ("G22", ["VPCP"]),
        ("000.00.00.G22", ["VPCP"]),
        ("Bộ Сông an", ["BCA"]),  # a Cyrillic С
        ("- Bộ Y tế\n- Bộ Tài chính", ["BYT", "BTC"]),
        ("Chủ trì: Bộ Công an; phối hợp: Bộ Y tế", ["BCA", "BYT"]),
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
        ("UBND xã; VPĐU xã", [], ["UBND xã", "VPĐU xã"]),
        ("Bộ Công an, trừ Cục A06", ["BCA"], ["trừ Cục A06"]),
    ],
)
def test_an_unknown_part_is_named_and_the_certain_ones_are_kept(written, codes, unknown):
    found = NAMES.find(written, AFTER)

    assert (list(found.codes), list(found.unknown)) == (codes, unknown)


def test_a_province_means_the_unit_of_its_time():
    assert NAMES.find("An Giang", BEFORE).codes == ("T89",)
    assert NAMES.find("An Giang", AFTER).codes == ("P91",)
    assert NAMES.find("Bình Dương", AFTER).codes == ("T74",)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("Lào Cai", "T10", "P15"),
        ("Bắc Ninh", "T27", "P24"),
        ("Quảng Trị", "T45", "P44"),
        ("Gia Lai", "T64", "P52"),
        ("UBND tỉnh Tây Ninh", "T72", "P80"),
        ("Tỉnh Đồng Tháp", "T87", "P82"),
        ("An Giang", "T89", "P91"),
    ],
)
def test_names_that_changed_their_meaning_on_the_first_of_july(name, before, after):
    assert NAMES.find(name, date(2025, 6, 30)).codes == (before,)
    assert NAMES.find(name, date(2025, 7, 1)).codes == (after,)


@pytest.mark.parametrize(
    ("written", "is_alias", "is_other_form"),
    [
        ("Bộ Tài chính", False, False),
        ("BTC", False, False),
        ("bộ tài chính", False, True),
        ("Bộ Văn hoá, Thể thao và Du lịch", False, True),
        ("Bộ KH&CN", True, True),
    ],
)
def test_what_is_not_as_the_list_spells_it_is_told(written, is_alias, is_other_form):
    found = NAMES.find(written, AFTER)

    assert (found.is_alias, found.is_other_form) == (is_alias, is_other_form)


def test_no_name_means_two_agencies_on_one_day():
    for words, meanings in NAMES.meanings.items():
        for on in (BEFORE, AFTER):
            valid = [one for one in meanings if one.valid_from <= on <= one.valid_to]
            assert len(valid) <= 1, (words, valid)


@given(written=st.text(max_size=60))
def test_no_text_breaks_the_reading_of_names(written):
    found = NAMES.find(written, AFTER)

    assert len(set(found.codes)) == len(found.codes)
