"""The first page: one static file that says where the country stands and how far to trust it.

What belongs here: rendering. What does not: which numbers (`content.py`) and what they mean (seed
`measures`). All text from agencies is hostile: the template escapes everything.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipelines import durable
from pipelines.report import chart, content, numbers
from pipelines.report.answers import Row

HERE = Path(__file__).parent


def write_page(database: Path, target: Path) -> None:
    """Write the page of a published database."""
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        known = content.read_content(connection)
    for record in known["standing"]:
        rows = [row for row in known["trend"] if row["programme_scope"] == record["scope"]]
        record["chart"] = Markup(chart.trend(rows))
    known["shares_chart"] = Markup(_shares_chart(known["months"], known["outlook"]))
    page = _environment().get_template("page.html.j2").render(known)
    with durable.file_aside(target) as aside:
        aside.write_text(page, encoding="utf-8")


def _shares_chart(months: list[Row], outlook: Row | None) -> str:
    """The chart of services; blank where nothing was reported or no target is known."""
    if not months or outlook is None:
        return ""
    ahead = []
    if outlook["projected_share"] is not None and outlook["remaining_periods"]:
        names = {"month_end": "year_end", "low": "projected_low", "value": "projected_share",
                 "high": "projected_high"}  # fmt: skip
        ahead = [{name: outlook[column] for name, column in names.items()}]
    return chart.shares(months, ahead, outlook["target_share"])


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., str]] = {
        "count": numbers.count,
        "decimal": numbers.decimal,
        "percent": numbers.percent,
        "quantity": numbers.quantity,
        "day": numbers.day,
        "instant": numbers.instant,
    }
    environment.filters.update(filters)
    environment.globals["style"] = Markup((HERE / "page.css").read_text("utf-8"))
    return environment
