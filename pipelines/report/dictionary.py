"""The data dictionary: every table, column, macro, measure and code of a published file.

What belongs here: reading what the file says of itself, and rendering it. What does not: the words
themselves (comments of the dbt models, `macros.sql`, the seeds).
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipelines import durable
from pipelines.macros import read_macros
from pipelines.report import numbers

HERE = Path(__file__).parent
SCHEMAS = {
    "marts": ("Số liệu", "Facts: what was reported, as known now"),
    "quality": ("Chất lượng", "Quality: rules, findings and scores"),
    "history": ("Lịch sử", "History: every release as it was published"),
}
MEASURES = """
    from marts.dim_measures
    order by form != 'tasks', replace(form, 'register_', ''), form desc, measure"""
GRAIN = re.compile(r"\s*Grain ([^.]+)\.")
HOMES = re.compile(r"marts\.dim_\w+|marts\.reconciliation|quality\.rules|history\.releases")
"""Tables that say what a code means: others join to them by the first column of their grain."""
SEPARATE = {"submission_id": "marts.fct_submissions"}
"""Columns that lead to a table whose grain is more than one thing."""


@dataclass(frozen=True)
class Column:
    """One column: what it means, the list of its codes and the table that explains them."""

    name: str
    type: str
    meaning: str
    is_key: bool
    code_list: str | None
    home: str | None


@dataclass(frozen=True)
class Table:
    """One published table and what one row of it is."""

    schema: str
    name: str
    meaning: str
    grain: str
    rows: int
    columns: tuple[Column, ...]

    @property
    def path(self) -> str:
        return f"{self.schema}.{self.name}"


def write_dictionary(database: Path, seeds: Path, target: Path) -> None:
    """Write the dictionary of a published database beside it."""
    with duckdb.connect(str(database), read_only=True) as connection:
        release = _ask(connection, "from history.releases where is_this_file")[0]
        lists = _code_lists(connection)
        tables = _tables(connection, lists)
        measures = _ask(connection, MEASURES)
    known = {
        "release": release,
        "schemas": SCHEMAS,
        "tables": tables,
        "table_paths": {table.path for table in tables},
        "joins": _joins(tables),
        "macros": read_macros(),
        "measures": measures,
        "lists": lists,
        "forms": _seed(seeds, "forms"),
        "dimensions": _seed(seeds, "quality_dimensions"),
        "words": _words(seeds),
        "reasons": _seed(seeds, "submission_reasons"),
    }
    page = _environment().get_template("dictionary.html.j2").render(known)
    with durable.file_aside(target) as aside:
        aside.write_text(page, encoding="utf-8")


def _tables(
    connection: duckdb.DuckDBPyConnection, lists: dict[str, list[dict[str, Any]]]
) -> tuple[Table, ...]:
    found = _ask(
        connection,
        """
        select schema_name, table_name, comment from duckdb_tables()
        where database_name = current_database()
        order by list_position(['marts', 'quality', 'history'], schema_name), table_name""",
    )
    homes = _homes(found)
    columns: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for column in _ask(
        connection,
        """
        select schema_name, table_name, column_name, data_type, comment from duckdb_columns()
        where database_name = current_database() order by column_index""",
    ):
        columns[column["schema_name"], column["table_name"]].append(column)
    return tuple(
        _table(connection, one, columns[one["schema_name"], one["table_name"]], homes, lists)
        for one in found
    )


def _table(
    connection: duckdb.DuckDBPyConnection,
    table: dict[str, Any],
    columns: list[dict[str, Any]],
    homes: dict[str, str],
    lists: dict[str, list[dict[str, Any]]],
) -> Table:
    schema, name = table["schema_name"], table["table_name"]
    comment = _plain(table["comment"])
    grain = GRAIN.search(comment)
    key = grain[1].split(" × ") if grain else []
    counted = _ask(connection, f'select count(*) as n from {schema}."{name}"')
    return Table(
        schema=schema,
        name=name,
        meaning=GRAIN.sub("", comment),
        grain=grain[1] if grain else "",
        rows=counted[0]["n"],
        columns=tuple(
            Column(
                name=column["column_name"],
                type=column["data_type"].lower(),
                meaning=_plain(column["comment"]),
                is_key=column["column_name"] in key,
                code_list=_codes_of(name, column["column_name"], lists),
                home=_home_of(f"{schema}.{name}", column["column_name"], homes),
            )
            for column in columns
        ),
    )


def _plain(comment: str | None) -> str:
    """A comment without the notice in brackets, which the dictionary bears at its head."""
    return re.sub(r"^\[[^]]*\] ", "", comment or "")


def _homes(tables: list[dict[str, Any]]) -> dict[str, str]:
    """The table that each code leads to, by the name of the code."""
    grains = {
        path: grain[1].split(" × ")
        for table in tables
        if HOMES.fullmatch(path := f"{table['schema_name']}.{table['table_name']}")
        and (grain := GRAIN.search(table["comment"] or ""))
    }
    # A code leads to the table that holds nothing else: the shortest grain comes last and wins.
    ordered = sorted(grains, key=lambda path: -len(grains[path]))
    return SEPARATE | {grains[path][0]: path for path in ordered}


def _home_of(path: str, column: str, homes: dict[str, str]) -> str | None:
    """`lead_agency_code` leads to the same table as `agency_code`."""
    for code, home in homes.items():
        if home != path and (column == code or column.endswith(f"_{code}")):
            return home
    return None


def _joins(tables: tuple[Table, ...]) -> list[dict[str, Any]]:
    """Each table that explains codes, and the columns that lead to it."""
    by_path = {table.path: table for table in tables}
    leading: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for table in tables:
        for column in table.columns:
            if column.home and table.schema != "history":
                leading[column.home].append((table.path, column.name))
    return [
        {"home": by_path[home], "columns": columns}
        for home, columns in leading.items()
        if home in by_path
    ]


def _code_lists(connection: duckdb.DuckDBPyConnection) -> dict[str, list[dict[str, Any]]]:
    """The closed lists of the file, by name."""
    lists: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _ask(connection, "select list, code, label_vi, label_en from marts.dim_labels"):
        lists[row["list"]].append(row)
    return lists


def _codes_of(table: str, column: str, lists: dict[str, list[dict[str, Any]]]) -> str | None:
    """The list of a column: its own, or the one of all columns of its name."""
    own = f"{table.removeprefix('release_')}.{column}"
    named = "task_status" if column == "status" else column
    return next((name for name in (own, named) if name in lists), None)


def _words(seeds: Path) -> dict[str, dict[str, list[str]]]:
    """Words that agencies may write, by list and by the code that they are read as."""
    words: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in _seed(seeds, "words"):
        words[row["list"]][row["code"]].append(row["word_vi"])
    return {name: dict(codes) for name, codes in words.items()}


def _seed(seeds: Path, name: str) -> list[dict[str, str]]:
    with (seeds / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _ask(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"count": numbers.count, "day": numbers.day, "code": _code}
    environment.globals["style"] = Markup(
        "".join((HERE / name).read_text("utf-8") for name in ("page.css", "dictionary.css"))
    )
    return environment


def _code(text: str) -> Markup:
    """Text in which names between backticks are set as code."""
    escaped = str(Markup.escape(text))
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped))
