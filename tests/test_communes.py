import csv
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from pipelines.settings import Settings

SEED = Path(__file__).parents[1] / "dbt_project" / "seeds" / "communes.csv"

# Province: communes, of which xã, phường, đặc khu, since 2025-07-01 (Decision 19/2025/QĐ-TTg).
COUNTS = {
    "P01": (126, 75, 51, 0),
    "P04": (56, 53, 3, 0),
    "P08": (124, 117, 7, 0),
    "P11": (45, 42, 3, 0),
    "P12": (38, 36, 2, 0),
    "P14": (75, 67, 8, 0),
    "P15": (99, 89, 10, 0),
    "P19": (92, 77, 15, 0),
    "P20": (65, 61, 4, 0),
    "P22": (54, 22, 30, 2),
    "P24": (99, 66, 33, 0),
    "P25": (148, 133, 15, 0),
    "P31": (114, 67, 45, 2),
    "P33": (104, 93, 11, 0),
    "P37": (129, 97, 32, 0),
    "P38": (166, 147, 19, 0),
    "P40": (130, 119, 11, 0),
    "P42": (69, 60, 9, 0),
    "P44": (78, 69, 8, 1),
    "P46": (40, 19, 21, 0),
    "P48": (94, 70, 23, 1),
    "P51": (96, 86, 9, 1),
    "P52": (135, 110, 25, 0),
    "P56": (65, 48, 16, 1),
    "P66": (102, 88, 14, 0),
    "P68": (124, 103, 20, 1),
    "P75": (95, 72, 23, 0),
    "P79": (168, 54, 113, 1),
    "P80": (96, 82, 14, 0),
    "P82": (102, 82, 20, 0),
    "P86": (124, 105, 19, 0),
    "P91": (102, 85, 14, 3),
    "P92": (103, 72, 31, 0),
    "P96": (64, 55, 9, 0),
}


@pytest.fixture(scope="module")
def communes():
    with SEED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_province_has_its_communes(communes):
    kinds = Counter((row["agency_code"], row["kind"]) for row in communes)
    assert {
        agency: (
            sum(count for (code, _), count in kinds.items() if code == agency),
            kinds[agency, "rural_commune"],
            kinds[agency, "ward"],
            kinds[agency, "special_zone"],
        )
        for agency, _ in kinds
    } == COUNTS
    assert len(communes) == 3321


def test_codes_are_five_digits_in_order_and_names_are_composed(communes):
    codes = [row["commune_code"] for row in communes]
    assert codes == sorted(set(codes))
    assert all(len(code) == 5 and code.isdecimal() for code in codes)
    assert all(unicodedata.is_normalized("NFC", row["commune_name"]) for row in communes)


def test_the_seed_is_the_published_list(communes):
    path = Settings.from_environment().real_input / "admin_units" / "communes_2025-07-01.csv"
    if not path.is_file():
        pytest.skip(f"no {path}")
    with path.open(encoding="utf-8", newline="") as file:
        published = {
            (row["code"], same_apostrophe(row["full_name"]), f"P{row['province_code']}")
            for row in csv.DictReader(file)
        }
    assert published == {
        (row["commune_code"], row["commune_name"], row["agency_code"]) for row in communes
    }


def same_apostrophe(name):
    return unicodedata.normalize("NFC", name).replace("'", "’")
