"""Numbers as Vietnamese readers write them: scale words only where they leave the number exact."""

from datetime import date, datetime

import pytest

from pipelines.report import numbers


@pytest.mark.parametrize(
    ("value", "unit", "operator", "upper", "text"),
    [
        (3.2e15, "đồng", ">", None, "> 3,2 triệu tỷ đồng"),
        (111_400_000_000, "USD", "=", None, "111,4 tỷ USD"),
        (500e12, "đồng", "=", None, "500 nghìn tỷ đồng"),
        (2.5e12, "đồng", ">", None, "> 2,5 nghìn tỷ đồng"),
        (3.234e15, "đồng", "=", None, "3.234 nghìn tỷ đồng"),
        (2_500_000, "bản ghi", ">", None, "> 2,5 triệu bản ghi"),
        (1_234_567, "bản ghi", "=", None, "1.234.567 bản ghi"),
        (203_000, "người", "=", None, "203.000 người"),
        (-4_000_000, "đồng", None, None, "-4 triệu đồng"),
        (10, "thứ hạng", "<=", None, "≤ 10 thứ hạng"),
        (170e9, "USD", "~", None, "≈ 170 tỷ USD"),
        (39.98, "%", "=", None, "39,98 %"),
        (0.003, "%", "<", None, "< 0,003 %"),
        (10, "%", "=", 12.5, "10–12,5 %"),
        (100, "", ">=", None, "≥ 100"),
        (0, "luật", "=", None, "0 luật"),
        (None, "luật", "=", None, "–"),
    ],
)
def test_a_quantity_is_read_aloud(value, unit, operator, upper, text):
    assert numbers.quantity(value, unit, operator, upper) == text


def test_shares_counts_and_days():
    assert numbers.percent(0.3998, 2) == "39,98 %"
    assert numbers.decimal(1234.56) == "1.234,6"
    assert numbers.count(3321) == "3.321"
    assert numbers.day(date(2025, 10, 14)) == "14/10/2025"
    assert numbers.instant(datetime(2025, 10, 28, 17)) == "29/10/2025 00:00"
    assert {numbers.percent(None), numbers.count(None), numbers.day(None)} == {"–"}
