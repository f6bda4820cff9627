"""The workbooks of a simulated year, written once, and data roots that have received some of them.

What belongs here: files. What does not: what they say (`world.py`), and measuring.

Workbooks are kept in a folder of their size; a data root gets hard links to those up to a day, and
to the readings that another root has made of them.
"""

from __future__ import annotations

import os
import random
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from reading import write_workbook
from rich.console import Console
from rich.progress import track

from history.world import Year, period
from pipelines import durable
from pipelines.intake.archive import read_receipts
from pipelines.sample.draft import INVENTED
from pipelines.sample.write import REGISTER_AGENCY
from pipelines.settings import Settings


def write_year(year: Year, folder: Path) -> Path:
    """Write what is missing of the year's workbooks; gives the folder, shaped like an inbox."""
    console = Console(stderr=True)
    target = folder / f"workbooks-{year.days}x{year.procedures}"
    todo = [one for one in year.speakers() if not (target / file_name(*one)).exists()]
    for on, agency in track(todo, "Workbooks", console=console, disable=not console.is_terminal):
        path = target / file_name(on, agency)
        with durable.file_aside(path) as aside:
            write_workbook(aside, {"Thông tin": cover(on, agency), **year.sheets(on, agency)})
            sent = sent_at(on, agency).timestamp()
            os.utime(aside, (sent, sent))
    return target


def file_name(on: date, agency: str) -> str:
    """Where a workbook lies in an inbox."""
    return f"{agency}/{'register' if agency == REGISTER_AGENCY else 'NQ57-01'}_{on}.xlsx"


def cover(on: date, agency: str) -> list[tuple[str | date | None, ...]]:
    start, end = period(on)
    lines = [(INVENTED,), (None,), ("Mã cơ quan", agency), ("Ngày báo cáo", on)]
    if agency != REGISTER_AGENCY:
        lines += [("Từ ngày", start), ("Đến ngày", end)]
    return [*lines, ("Phiên bản mẫu", "1")]


def sent_at(on: date, agency: str) -> datetime:
    """In working hours of the day, the committee first; 08:00 there is 01:00 UTC."""
    minutes = 0 if agency == REGISTER_AGENCY else random.Random(f"{agency}|{on}").randrange(5, 480)
    return datetime(on.year, on.month, on.day, 1, tzinfo=UTC) + timedelta(minutes=minutes)


def receive(year: Year, workbooks: Path, root: Path, up_to: int) -> Settings:
    """Put the workbooks of the first days into the inbox of a data root."""
    settings = Settings(data_root=root, real_input=root)
    last = year.day(up_to)
    for on, agency in year.speakers():
        target = settings.inbox / file_name(on, agency)
        if on <= last and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.hardlink_to(workbooks / file_name(on, agency))
    lines = [
        f"- {{agency_code: {code}, url: inbox/{code}, trust_sent_at: true}}\n"
        for code in (REGISTER_AGENCY, *year.agencies)
    ]
    settings.channels.write_text(f"# {INVENTED}\n{''.join(lines)}", encoding="utf-8")
    return settings


def share_readings(source: Settings, target: Settings) -> None:
    """Give a data root the readings that another has made of its files; nobody writes into them."""
    received = {receipt.submission_id for receipt in read_receipts(target.archive)}
    for folder in source.raw.glob("[!.]*"):
        place = target.raw / folder.name
        if folder.name.partition("-")[0] in received and not place.exists():
            shutil.copytree(folder, place, copy_function=os.link)
