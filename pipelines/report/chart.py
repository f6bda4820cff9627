"""Charts of the page, as SVG that stands in the page itself.

What belongs here: drawing numbers that were published. What does not: reading them (`content.py`).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import altair
import vl_convert

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
INK, MIDDLE, PALE, ACCENT, FAINT = "#1f2933", "#7b8794", "#d9dee4", "#b3261e", "#f0f2f4"
PARTS = {
    "tasks_completed_on_time": ("Hoàn thành đúng hạn", INK),
    "tasks_completed_late": ("Hoàn thành muộn", MIDDLE),
    "tasks_overdue": ("Quá hạn", ACCENT),
    "tasks_in_progress": ("Đang thực hiện", PALE),
    "tasks_unknown": ("Chưa rõ", FAINT),
}
"""From the ground up: what is done, what is late, what is under way."""
WIDTH, HEIGHT, LINE = 380, 250, 17
PADDING = {"left": 38, "top": 8, "right": 172, "bottom": 26}
"""Pixels of the drawing area, what a line of labels needs, and room for axes and labels."""


SHARES = {
    "central": ("Bộ, ngành", MIDDLE),
    "all": ("Cả nước", INK),
    "provinces": ("Địa phương", MIDDLE),
}
"""The groups whose online share is drawn."""
BANDS = "bands"
"""Data given by name: Altair looks at every value of data within a chart, 0.5 s for a year."""


def trend(rows: list[dict[str, Any]]) -> str:
    """Tasks of one scope by standing, day by day, stacked to all that were assigned.

    Args:
        rows: as_of_date, measure and value of the daily counts, in order of days.
    """
    days: dict[date, dict[str, float]] = {}
    for row in rows:
        days.setdefault(row["as_of_date"], {})[row["measure"]] = row["value"]
    bands = [band for day, counts in days.items() for band in _bands(day, counts)]
    top = max(band["to"] for band in bands)
    first, last = min(days), max(days)
    labels = _labels([band for band in bands if band["day"] == f"{last}"], top)
    chart = altair.layer(_areas(top, first, last), _texts(labels, top)).properties(
        width=WIDTH, height=HEIGHT, padding=PADDING, autosize="none"
    )
    return _svg(chart, {BANDS: bands})


def shares(months: list[dict[str, Any]], ahead: list[dict[str, Any]], target: float) -> str:
    """The share of the year to date by group, the target, and where the nation is heading.

    Args:
        months: month_end, agency_code and value.
        ahead: month_end, low, value and high of what is projected for the nation, if anything.
        target: the share to reach.
    """
    lines = [_point(row, *SHARES[row["agency_code"]]) for row in months]
    last = max(row["month_end"] for row in months)
    known = [row for row in months if row["agency_code"] == "all" and row["month_end"] == last]
    start = [{"month_end": last, "low": now, "value": now, "high": now}
             for now in (row["value"] for row in known)]  # fmt: skip
    path = [_point(row, "Dự báo", INK) for row in start + ahead] if ahead else []
    labels = _apart(
        [_label(row) for row in lines if row["day"] == f"{last}"]
        + [{"at": target, "text": f"Mục tiêu {target:.0%}".replace("%", " %"), "colour": ACCENT}]
    )
    ends = sorted({row["month_end"] for row in months} | {row["month_end"] for row in ahead})
    ticks = ends[:: -(-len(ends) // 4)]
    chart = altair.layer(
        _cone(path), _target(target), _lines(lines, ticks), _dashed(path), _texts(labels, 1)
    ).properties(width=WIDTH, height=HEIGHT, padding=PADDING, autosize="none")
    return _svg(chart)


def _point(row: dict[str, Any], name: str, colour: str) -> dict[str, Any]:
    return {
        "day": f"{row['month_end']}", "part": name, "colour": colour, "at": row["value"],
        "low": row.get("low"), "high": row.get("high"),
    }  # fmt: skip


def _label(point: dict[str, Any]) -> dict[str, Any]:
    share = f"{point['at'] * 100:.1f}".replace(".", ",")
    return {"at": point["at"], "text": f"{point['part']} {share} %", "colour": point["colour"]}


def _apart(labels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Labels from the ground up, each pushed up where it would touch the one below."""
    found: list[dict[str, Any]] = []
    for label in sorted(labels, key=lambda label: label["at"]):
        low = found[-1]["at"] + LINE / HEIGHT if found else 0
        found.append(label | {"at": max(label["at"], low)})
    return found


def _lines(points: list[dict[str, Any]], ticks: list[date]) -> altair.Chart:
    return (
        altair.Chart(altair.Data(values=points))
        .mark_line(strokeWidth=2, point=altair.OverlayMarkDef(size=16))
        .encode(
            x=altair.X("day:T", title=None, axis=_axis(ticks)),
            y=altair.Y("at:Q", title=None, axis=_share_axis(), scale=_scale(0, 1)),
            detail="part:N",
            color=altair.Color("colour:N", scale=None),
        )
    )


def _dashed(points: list[dict[str, Any]]) -> altair.Chart:
    return (
        altair.Chart(altair.Data(values=points))
        .mark_line(strokeWidth=2, strokeDash=[4, 4], color=INK)
        .encode(x="day:T", y=altair.Y("at:Q", scale=_scale(0, 1)))
    )


def _cone(points: list[dict[str, Any]]) -> altair.Chart:
    return (
        altair.Chart(altair.Data(values=points))
        .mark_area(color=PALE, opacity=0.6)
        .encode(x="day:T", y=altair.Y("low:Q", scale=_scale(0, 1)), y2="high:Q")
    )


def _target(share: float) -> altair.Chart:
    return (
        altair.Chart(altair.Data(values=[{"at": share}]))
        .mark_rule(color=ACCENT)
        .encode(y=altair.Y("at:Q", scale=_scale(0, 1)))
    )


def _areas(top: float, first: date, last: date) -> altair.Chart:
    colours = altair.Scale(
        domain=[name for name, _ in PARTS.values()],
        range=[colour for _, colour in PARTS.values()],
    )
    return (
        altair.Chart(altair.NamedData(BANDS))
        .mark_area(interpolate="step-after")
        .encode(
            x=altair.X("day:T", title=None, axis=_day_axis(first, last)),
            y=altair.Y("from:Q", title=None, axis=_count_axis(), scale=_scale(0, top)),
            y2="to:Q",
            color=altair.Color("part:N", legend=None, scale=colours),
        )
    )


def _texts(labels: list[dict[str, Any]], top: float) -> altair.Chart:
    return (
        altair.Chart(altair.Data(values=labels))
        .mark_text(align="left", baseline="middle", dx=8, fontSize=13)
        .encode(
            x=altair.value(WIDTH),
            y=altair.Y("at:Q", scale=_scale(0, top)),
            text="text:N",
            color=altair.Color("colour:N", scale=None),
        )
    )


def _bands(day: date, counts: dict[str, float]) -> list[dict[str, Any]]:
    """The counts of a day as bands on top of each other."""
    on_time = counts.get("tasks_completed_on_time", 0)
    known = counts | {"tasks_completed_late": counts.get("tasks_completed", 0) - on_time}
    bands: list[dict[str, Any]] = []
    ground = 0.0
    for measure, (name, colour) in PARTS.items():
        count = known.get(measure, 0)
        bands.append(
            {"day": f"{day}", "part": name, "from": ground, "to": ground + count, "colour": colour}
        )
        ground += count
    return bands


def _labels(bands: list[dict[str, Any]], top: float) -> list[dict[str, Any]]:
    """A label beside each band of the last day, pushed up where two would touch."""
    apart = LINE * top / HEIGHT
    labels: list[dict[str, Any]] = []
    for band in bands:
        count = round(band["to"] - band["from"])
        if count == 0:
            continue
        middle = (band["from"] + band["to"]) / 2
        at = max(middle, labels[-1]["at"] + apart) if labels else middle
        colour = ACCENT if band["colour"] == ACCENT else INK
        labels.append({"at": at, "text": f"{band['part']} {count}", "colour": colour})
    return labels


def _scale(low: float, high: float) -> altair.Scale:
    return altair.Scale(domain=[low, high], nice=False, zero=True)


def _day_axis(first: date, last: date) -> altair.Axis:
    step = max(1, (last - first).days // 4)
    ticks = [first + timedelta(days=step * number) for number in range(4)]
    return _axis([day for day in ticks if day < last - timedelta(days=step // 2)] + [last])


def _axis(ticks: list[date]) -> altair.Axis:
    return altair.Axis(
        format="%d/%m",
        values=[{"year": d.year, "month": d.month, "date": d.day} for d in ticks],  # pyright: ignore[reportArgumentType]
        grid=False,
        tickSize=4,
    )


def _count_axis() -> altair.Axis:
    return altair.Axis(tickCount=4, grid=True, ticks=False, domain=False, labelPadding=6)


def _share_axis() -> altair.Axis:
    return altair.Axis(
        format="%", values=[0, 0.2, 0.4, 0.6, 0.8, 1], grid=True, ticks=False, domain=False,
        labelPadding=6,
    )  # fmt: skip


def _svg(
    chart: altair.LayerChart | altair.FacetChart,
    datasets: dict[str, list[dict[str, Any]]] | None = None,
) -> str:
    themed = chart.configure(font=FONT, background="transparent").configure_view(stroke=None)
    themed = themed.configure_axis(
        labelColor="#52606d", labelFontSize=12, domainColor=MIDDLE, tickColor=MIDDLE,
        gridColor="#e4e7eb",
    )  # fmt: skip
    return vl_convert.vegalite_to_svg(themed.to_dict() | {"datasets": datasets or {}})
