"""How long reading takes, against bare calamine and openpyxl, on the same files in the same run.

Run by `make bench`. Files: one sheet of 200,000 × 20 cells, and the 56 workbooks of a large day.
Ours is what the daily run does: guard, reading, matching, values and landing as Parquet, by two
guarded child processes. Bare calamine is `to_python` of every sheet, openpyxl is its read-only
mode, values only; both on one process. Imports of a contender are not counted, and neither is the
start of our two processes, which a run pays once however many files it reads: it is printed apart.
Seconds of processors hold on a machine that others use too, seconds by the clock do not.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from xml.sax.saxutils import escape

from pipelines.intake import archive
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.workbook.child import ReadingPool
from pipelines.workbook.reading import read_submissions

NOW = datetime(2025, 9, 23, tzinfo=UTC)
ROWS, PROVINCE_ROWS, TASK_ROWS = 200_000, 2_000, 30
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
LEVELS = ("Toàn trình", "Một phần", "Chưa trực tuyến")
SERVICES = (
    *("Mã thủ tục", "Tên thủ tục", "Mức độ", "Từ ngày", "Đến ngày", "Tổng hồ sơ tiếp nhận"),
    *("Hồ sơ trực tuyến", "Hồ sơ trực tuyến toàn trình", "Đã giải quyết", "Giải quyết đúng hạn"),
    *("Giải quyết quá hạn", "Đang giải quyết", "Kết quả số hóa", "Hồ sơ nộp qua VNeID"),
    *("Hồ sơ tái sử dụng dữ liệu", "Lĩnh vực", "Đơn vị xử lý", "Tỷ lệ", "Số văn bản", "Ghi chú"),
)
TASKS = ("Mã nhiệm vụ", "Tên nhiệm vụ", "Cơ quan chủ trì", "Thời hạn hoàn thành", "Trạng thái")
SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
KNOWN = 15
"""Columns of the form; the other five are an agency's own."""
CHILDREN: list[int] = []
"""Processes that a contender has started."""
Value = str | float | date | None


def service_rows(count: int, width: int, seed: str = "") -> Iterator[Sequence[Value]]:
    """What an agency reports of up to 2,000 procedures in each of ten periods."""
    rng = random.Random(seed)
    yield SERVICES[:width]
    for number in range(count):
        procedure, month = number % 2_000, number // 2_000 % 10 + 1
        received = int(rng.paretovariate(0.7)) % 5_000
        online = rng.randint(0, received)
        late = 3 if received > 3 else 0
        written = f"{received:,}".replace(",", ".") if number % 11 == 0 else received
        row: Sequence[Value] = (
            *(f"{1 + procedure % 3}.{procedure:06d}", f"Cấp giấy phép loại {procedure} (mới)"),
            *(LEVELS[procedure % 3], date(2025, month, 15), date(2025, month + 1, 14)),
            *(written, online, online // 2, received, received - late, late),
            *(None if number % 50 == 0 else 5, online, "-" if number % 20 == 0 else online // 3),
            *(received // 4, f"Lĩnh vực {procedure % 40}", f"Bộ phận một cửa số {number % 300}"),
            *(rng.random(), f"{number}/QĐ-UBND", None if number % 3 else "đã đối chiếu"),
        )
        yield row[:width]


def task_rows(count: int) -> Iterator[Sequence[Value]]:
    """Tasks of one agency."""
    yield TASKS
    for number in range(count):
        name = f"Xây dựng nền tảng số {number}"
        yield f"NQ57-{number:03d}", name, "Bộ KH&CN", "Quý III/2025", "Đang thực hiện"


def write_workbook(path: Path, sheets: dict[str, Iterable[Sequence[Value]]]) -> None:
    """A workbook as Excel writes it, with shared texts: 8 times as fast as by openpyxl."""
    texts: dict[str, int] = {}
    parts: dict[str, str] = {}
    for number, rows in enumerate(sheets.values(), start=1):
        lines = "".join(row_xml(place, row, texts) for place, row in enumerate(rows, start=1))
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{MAIN}"><sheetData>{lines}</sheetData></worksheet>'
        )
    strings = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{strings}</sst>'
    with zipfile.ZipFile(path, "w") as container:
        for name, content in (parts | surroundings(list(sheets))).items():
            undated = zipfile.ZipInfo(name)  # the same bytes each time
            container.writestr(undated, content, zipfile.ZIP_DEFLATED, compresslevel=1)


def row_xml(number: int, row: Sequence[Value], texts: dict[str, int]) -> str:
    """One row; a date is a number in the second style."""
    cells: list[str] = []
    for place, value in enumerate(row):
        address = f"{chr(65 + place)}{number}"
        if isinstance(value, str):
            index = texts.setdefault(value, len(texts))
            cells.append(f'<c r="{address}" t="s"><v>{index}</v></c>')
        elif isinstance(value, date):
            serial = value.toordinal() - date(1899, 12, 30).toordinal()
            cells.append(f'<c r="{address}" s="1"><v>{serial}</v></c>')
        elif value is not None:
            cells.append(f'<c r="{address}"><v>{value}</v></c>')
    return f'<row r="{number}">{"".join(cells)}</row>'


def surroundings(names: Sequence[str]) -> dict[str, str]:
    """Every part of a workbook but its sheets and texts."""
    sheets = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1)
    )
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(names) + 1)
    )
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{TYPE}.worksheet+xml"/>'
        for n in range(1, len(names) + 1)
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{TYPE}.styles+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{TYPE}.sharedStrings+xml"/>'
        f"{types}</Types>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
        f"<sheets>{sheets}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{related}'
        f'<Relationship Id="rId98" Type="{OFFICE}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId99" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><fonts><font/></fonts><fills><fill>'
        "<patternFill/></fill></fills><borders><border/></borders><cellXfs><xf/>"
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
    }


def fill(root: Path, files: dict[str, dict[str, Iterable[Sequence[Value]]]]) -> list[Path]:
    """Make workbooks by agency and receive them; gives the archived files."""
    settings = Settings(data_root=root, real_input=root)
    for agency, sheets in files.items():
        path = root / f"{agency}.xlsx"
        cover = (("Mã cơ quan", agency), ("Ngày báo cáo", date(2025, 9, 23)))
        write_workbook(path, {"Thông tin": cover, **sheets})
        archive.store(settings.archive, agency, "inbox", path, NOW, NOW)
    receipts = archive.read_receipts(settings.archive)
    return [archive.stored_file(settings.archive, receipt) for receipt in receipts]


def read_ours(root: Path, pool: ReadingPool) -> None:
    """As the daily run reads."""
    settings = Settings(data_root=root, real_input=root)
    summary = read_submissions(settings, archive.read_receipts(settings.archive), pool=pool)
    assert not summary.refused, summary


def read_calamine(root: Path) -> Callable[[], None]:
    """Every sheet as lists, without looking at a cell."""
    from python_calamine import load_workbook  # noqa: PLC0415 -- only in this contender's process

    def read() -> None:
        for path in stored(root):
            with load_workbook(path) as book:
                for name in book.sheet_names:
                    book.get_sheet_by_name(name).to_python()

    return read


def read_openpyxl(root: Path) -> Callable[[], None]:
    """Every row of every sheet, values only."""
    from openpyxl import load_workbook  # noqa: PLC0415 -- only in this contender's process

    def read() -> None:
        for path in stored(root):
            with path.open("rb") as stream:
                for sheet in load_workbook(stream, read_only=True, data_only=True).worksheets:
                    for _ in sheet.iter_rows(values_only=True):
                        pass

    return read


def stored(root: Path) -> list[Path]:
    settings = Settings(data_root=root, real_input=root)
    receipts = archive.read_receipts(settings.archive)
    return [archive.stored_file(settings.archive, receipt) for receipt in receipts]


def start_ours(root: Path) -> Callable[[], None]:
    """Two processes that are ready to read."""
    settings = Settings(data_root=root, real_input=root)
    pool = ReadingPool(settings.seeds, settings.templates)
    pool.start()
    CHILDREN.extend(process.start().pid for process in pool.processes)

    def read() -> None:
        with pool:
            read_ours(root, pool)

    return read


CONTENDERS: dict[str, Callable[[Path], Callable[[], None]]] = {
    "ours": start_ours,
    "calamine": read_calamine,
    "openpyxl": read_openpyxl,
}


@dataclass(frozen=True)
class Measured:
    """What one contender took: seconds by the clock, of processors, and the largest process."""

    wall: float
    processor: float
    peak_mb: int


def measure(contender: str, root: Path) -> Measured:
    """Let a contender run in a process of its own."""
    command = [sys.executable, __file__, contender, str(root)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    said = child.stdout.read() if child.stdout else b""
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = status
    if status:
        raise SystemExit(f"{contender} failed")
    wall, start_wall, before = json.loads(said)
    processor = used.ru_utime + used.ru_stime - before
    measured = Measured(wall, processor, used.ru_maxrss // 1024)
    print(
        f"  {contender:<10}{measured.wall:8.2f} s {measured.processor:8.2f} s of processors"
        f" {measured.peak_mb:6d} MB in the largest process;"
        f" start {start_wall:.2f} s, {before:.2f} s of processors",
        flush=True,
    )
    return measured


def contend(contender: str, root: Path) -> None:
    """Run inside the process of a contender: seconds taken, and those before them."""
    called = time.perf_counter()
    read = CONTENDERS[contender](root)
    started, before = time.perf_counter(), processor_time()
    read()
    print(json.dumps([time.perf_counter() - started, started - called, before]))


def processor_time() -> float:
    """Of this process, and of its children that still run."""
    stats = [Path(f"/proc/{pid}/stat").read_text() for pid in CHILDREN]
    fields = [stat.rpartition(")")[2].split() for stat in stats]
    ticks = sum(int(of[11]) + int(of[12]) for of in fields)  # in user mode and in the system
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def judge(what: str, ratio: float, floor: float, *, is_most: bool = True) -> None:
    holds = ratio <= floor if is_most else ratio >= floor
    word = "at most" if is_most else "at least"
    print(f"  {what}: {ratio:.2f}, floor {word} {floor:g}: {'holds' if holds else 'DOES NOT HOLD'}")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="nq57-bench-") as folder:
        print(f"Making one sheet of {ROWS} x {len(SERVICES)} cells …", flush=True)
        large, day = Path(folder, "large"), Path(folder, "day")
        for root in (large, day):
            root.mkdir()
        fill(large, {"P01": {"Dịch vụ công": service_rows(ROWS, len(SERVICES))}})
        ours, bare, slow = (measure(name, large) for name in CONTENDERS)
        judge("ours / calamine, one large sheet", ours.processor / bare.processor, 4)
        judge("openpyxl / ours, one large sheet", slow.processor / ours.processor, 4, is_most=False)
        print("Making the 56 workbooks of a large day …", flush=True)
        fill(day, large_day())
        ours, bare = (measure(name, day) for name in ("ours", "calamine"))
        judge("56 workbooks, by the clock, of two / of one", ours.wall / bare.wall, 2)
        judge("the same by processors, halved", ours.processor / 2 / bare.processor, 2)


def large_day() -> dict[str, dict[str, Iterable[Sequence[Value]]]]:
    """34 provinces with services and tasks, 22 central agencies with tasks."""
    lines = (SEEDS / "agencies.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    codes = list(dict.fromkeys(line.split(",")[0] for line in lines))
    provinces = [code for code in codes if code[0] == "P" and code[1:].isdigit()][:34]
    central = [code for code in codes if not code[1:].isdigit()][: 56 - len(provinces)]
    files: dict[str, dict[str, Iterable[Sequence[Value]]]] = {}
    for code in (*provinces, *central):
        files[code] = {"Nhiệm vụ": task_rows(TASK_ROWS)}
        if code in provinces:
            files[code]["Dịch vụ công"] = service_rows(PROVINCE_ROWS, KNOWN, code)
    return files


if __name__ == "__main__":
    if sys.argv[1:]:
        contend(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
