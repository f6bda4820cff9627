"""A warehouse made by hand, with the tables that a release is published from.

The figures are counted here from a few invented tasks, so that tests of releases, pages and traces
need neither workbooks nor dbt. Columns are those of the models.
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from pipelines.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
FIRST, MIDDLE, LAST = date(2025, 7, 20), date(2025, 9, 23), date(2025, 10, 28)
HOSTILE = "<script>alert('x')</script>"


@dataclass(frozen=True)
class Size:
    """How much of the country the warehouse knows."""

    tasks: int = 12
    days: tuple[date, ...] = (FIRST, MIDDLE)
    agencies: tuple[str, ...] = ("BKHCN", "BTC", "P01")


def every_day(last: date) -> tuple[date, ...]:
    return tuple(FIRST + timedelta(days=n) for n in range((last - FIRST).days + 1))


def seed_rows(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def reporting_agencies() -> tuple[str, ...]:
    rows = [row for row in seed_rows("agencies") if row["peer_group"] and not row["valid_to"]]
    return tuple(row["agency_code"] for row in rows)


def make_warehouse(path: Path, size: Size = Size(), *, is_invented: bool = True) -> Path:
    """Write the warehouse; the same size gives the same content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("set timezone = 'UTC'")
        for schema in ("raw", "seeds", "marts", "quality"):
            connection.execute(f"create schema {schema}")
        for seed in (
            "agencies",
            "codes",
            "measure_aliases",
            "measures",
            "programmes",
            "published_figures",
            "quality_dimensions",
            "submission_reasons",
            "slices",
            "words",
            "forms",
        ):
            connection.execute(
                f"create table seeds.{seed} as "
                f"from read_csv('{SEEDS / seed}.csv', all_varchar = true)"
            )
        _make_knowledge(connection, size, is_invented)
        _make_tasks(connection, size)
        for name in ("made_warehouse.sql", "made_rows.sql"):
            connection.execute((Path(__file__).parent / name).read_text(encoding="utf-8"))
        connection.execute("comment on table marts.fct_tasks is 'Status of a task on a day'")
        connection.execute("comment on column marts.fct_tasks.status is 'Derived status'")
    return path


def _make_knowledge(connection: duckdb.DuckDBPyConnection, size: Size, is_invented: bool) -> None:
    connection.execute(
        """
        create table raw.receipts (submission_id varchar, agency_code varchar, file_name varchar,
            sha256 varchar, received_at timestamp, status varchar, reason_code varchar);
        create table raw.readings (submission_id varchar, status varchar, reporting_date date,
            is_invented boolean);
        create table raw.decisions (decided_at timestamp, decided_by varchar, kind varchar,
            key varchar, answer varchar, reason varchar)"""
    )
    dates = [day for day in (FIRST, MIDDLE, LAST) if day in size.days]
    for day in dates:
        for agency in ("BCD", *size.agencies):
            name = f"{agency}_{day}.xlsx" if agency != "P01" else f"{HOSTILE}.xlsx"
            row = [f"s-{agency}-{day}", agency, name, f"{agency}{day}", f"{day} 08:00:00"]
            connection.execute(
                "insert into raw.receipts values ($1,$2,$3,$4,$5,'RECEIVED',null)", row
            )
            connection.execute(
                "insert into raw.readings values ($1, 'READ', $2, $3)", [row[0], day, is_invented]
            )


def _make_tasks(connection: duckdb.DuckDBPyConnection, size: Size) -> None:
    """Tasks as the register lists them, and what each involved agency says once and for all."""
    dice = random.Random(57)
    connection.execute(
        """
        create table raw.made_tasks (task_code varchar, programme_code varchar, title varchar,
            lead_agency_code varchar, assigned_on date, deadline date, row_number integer);
        create table raw.made_words (task_code varchar, agency_code varchar, role varchar,
            is_group_member boolean, started_on date, completed_on date, row_number integer);
        create table raw.made_days (as_of_date date)"""
    )
    connection.executemany("insert into raw.made_days values ($1)", [[day] for day in size.days])
    tasks, words = [], []
    for number in range(1, size.tasks + 1):
        programme = "NQ71" if number % 11 else "KH02"
        code = f"{programme}-{number:03d}"
        assigned = FIRST - timedelta(days=dice.randint(-30, 100))
        deadline = assigned + timedelta(days=dice.randint(20, 250)) if dice.random() > 0.2 else None
        is_collective = number % 6 == 5
        leads = list(size.agencies) if is_collective else [dice.choice(size.agencies)]
        others = [] if is_collective else dice.sample(size.agencies, k=min(2, len(size.agencies)))
        lead_code = "G-ALL" if is_collective else leads[0]
        tasks.append(
            [
                code,
                programme,
                TITLES[number % len(TITLES)],
                lead_code,
                assigned,
                deadline,
                number + 3,
            ]
        )
        for agency in dict.fromkeys([*leads, *others]):
            done = assigned + timedelta(days=dice.randint(20, 190))
            is_lead = agency in leads
            words.append(
                [code, agency, "lead" if is_lead else "coordinating", is_collective,
                 assigned + timedelta(days=7), done if done < LAST else None, number + 5]
            )  # fmt: skip
    connection.executemany("insert into raw.made_tasks values ($1,$2,$3,$4,$5,$6,$7)", tasks)
    connection.executemany("insert into raw.made_words values ($1,$2,$3,$4,$5,$6,$7)", words)


TITLES = (
    f"Hoàn thiện thể chế về khoa học, công nghệ {HOSTILE}",
    "Xây dựng cơ sở dữ liệu chuyên ngành và kết nối với Trung tâm dữ liệu quốc gia",
    "Cung cấp dịch vụ công trực tuyến toàn trình trên Cổng Dịch vụ công quốc gia",
    "Phát triển hạ tầng số, mạng 5G và trung tâm dữ liệu khu vực",
    "Đào tạo nguồn nhân lực chất lượng cao về trí tuệ nhân tạo và bán dẫn",
    "Ban hành kế hoạch hành động, phân công người đứng đầu chịu trách nhiệm",
    "Rà soát, số hóa hồ sơ và kết quả giải quyết thủ tục hành chính",
)
