"""Write `dbt_project/seeds/communes.csv`: the 3,321 communes since 2025-07-01.

Codes, names and provinces are facts of Decision 19/2025/QĐ-TTg, taken here from the PyPI package
`vietnamadminunits` (MIT), which nothing else needs: see README.md for how to run this.
"""

from __future__ import annotations

import csv
import unicodedata
from pathlib import Path

from vietnamadminunits.database import get_data

SEED = Path(__file__).parents[1] / "dbt_project" / "seeds" / "communes.csv"
KINDS = {"Xã": "rural_commune", "Phường": "ward", "Đặc khu": "special_zone"}

# The package keeps the code that Xã Ia Mơ (Gia Lai) had before 2025-07-01.
NEW_CODES = {"23938": "23737"}


def main() -> None:
    """Write the seed, sorted by code."""
    units = get_data(["wardCode", "ward", "wardType", "provinceCode"])
    rows = sorted(_row(unit) for unit in units)
    with SEED.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["commune_code", "commune_name", "kind", "agency_code"])
        writer.writerows(rows)


def _row(unit: dict[str, str]) -> tuple[str, str, str, str]:
    code = NEW_CODES.get(unit["wardCode"], unit["wardCode"])
    # Lists differ in the apostrophe of names such as Cư M’gar: here it is the typographic one.
    name = unicodedata.normalize("NFC", unit["ward"]).replace("'", "’")
    return code, name, KINDS[unit["wardType"]], f"P{unit['provinceCode']}"


if __name__ == "__main__":
    main()
