"""The first page: one static file that says where the country stands and how far to trust it.

What belongs here: rendering. What does not: which numbers (`content.py`) and what they mean (seed
`measures`). All text from agencies is hostile: the template escapes everything.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipelines import durable
from pipelines.report import chart, content, numbers
from pipelines.report.answers import Row

HERE = Path(__file__).parent
BANNER = "<!-- state -->", "<!-- /state -->"
"""What the template sets around the banner. Texts of agencies cannot: they are escaped."""


def write_page(database: Path, target: Path, published_at: datetime) -> None:
    """Write the page of a published database.

    The instant (UTC) stands on the page alone: tables are the same whenever they are published.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        known = content.read_content(connection)
    for record in known["standing"]:
        rows = [row for row in known["trend"] if row["programme_scope"] == record["scope"]]
        record["chart"] = Markup(chart.trend(rows))
    known["shares_chart"] = Markup(_shares_chart(known["months"], known["outlook"]))
    known["published_at"] = published_at.astimezone(UTC).replace(tzinfo=None)
    _write(target, _environment().get_template("page.html.j2").render(known))


def write_banner(database: Path, target: Path, published_at: datetime) -> None:
    """Say on a page in which state its release is now; every other byte stays as published."""
    page = target.read_text(encoding="utf-8")
    start, end = page.index(BANNER[0]), page.index(BANNER[1])
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        known = content.read_standing(connection)
    known["published_at"] = published_at.astimezone(UTC).replace(tzinfo=None)
    banner = _environment().get_template("banner.html.j2").render(known).strip()
    _write(target, page[:start] + banner + page[end + len(BANNER[1]) :])


def _write(target: Path, page: str) -> None:
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
    script = (HERE / "stale.js").read_text("utf-8").strip()
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment.globals["script"] = Markup(script)
    environment.globals["script_hash"] = f"sha256-{digest}"
    environment.globals["style"] = Markup((HERE / "page.css").read_text("utf-8"))
    return environment
