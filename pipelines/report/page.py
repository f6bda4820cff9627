"""The first page: one static file that says where the country stands and how far to trust it.

What belongs here: rendering. What does not: which numbers (`content.py`) and what they mean (seed
`measures`). All text from agencies is hostile: the template escapes everything.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipelines import durable
from pipelines.report import chart, content

HERE = Path(__file__).parent
LOCAL = timedelta(hours=7)
"""Asia/Ho_Chi_Minh keeps no summer time."""


def write_page(database: Path, target: Path) -> None:
    """Write the page of a published database."""
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        known = content.read_content(connection)
    for record in known["standing"]:
        rows = [row for row in known["trend"] if row["programme_scope"] == record["scope"]]
        record["chart"] = Markup(chart.trend(rows))
    page = _environment().get_template("page.html.j2").render(known)
    with durable.file_aside(target) as aside:
        aside.write_text(page, encoding="utf-8")


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., str]] = {
        "count": _count,
        "decimal": _decimal,
        "percent": _percent,
        "day": _day,
        "instant": _instant,
    }
    environment.filters.update(filters)
    environment.globals["style"] = Markup((HERE / "page.css").read_text("utf-8"))
    return environment


def _count(value: float | None) -> str:
    """A whole number the Vietnamese way: 1.234."""
    return "–" if value is None else f"{value:,.0f}".replace(",", ".")


def _decimal(value: float | None, digits: int = 1) -> str:
    """A number the Vietnamese way: 1.234,5."""
    if value is None:
        return "–"
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def _percent(share: float | None) -> str:
    """A share (0..1) in percent."""
    return "–" if share is None else f"{_decimal(share * 100)} %"


def _day(value: date | None) -> str:
    return "–" if value is None else value.strftime("%d/%m/%Y")


def _instant(value: datetime | None) -> str:
    """An instant (UTC) on the clock of Hanoi."""
    return "–" if value is None else (value + LOCAL).strftime("%d/%m/%Y %H:%M")
