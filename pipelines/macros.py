"""Table macros of the published file: the daily questions, ready to be asked.

What belongs here: reading `macros.sql` and making its macros in a database. What does not: what
they ask (that is the SQL) and how they are shown (`report/dictionary.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.frozen import quote

SOURCE = Path(__file__).with_suffix(".sql")
STATEMENT = re.compile(
    r"^-- vi: (?P<vi>.+(?:\n-- (?!en: ).+)*)\n-- en: (?P<en>.+(?:\n-- .+)*)\n(?P<sql>[^;]+);$",
    re.MULTILINE,
)
CREATED = re.compile(
    r"create macro (?P<name>[\w.]+)\((?P<parameters>[^)]*)\) as\s+(?P<table>table\b)?"
)


@dataclass(frozen=True)
class Question:
    """An example: what it asks, in both languages, and how."""

    text_vi: str
    text_en: str
    sql: str


@dataclass(frozen=True)
class Macro:
    """A macro, what it gives, and the examples that follow it."""

    name: str
    parameters: str
    is_table: bool
    text_vi: str
    text_en: str
    sql: str
    questions: tuple[Question, ...]

    @property
    def is_helper(self) -> bool:
        """Whether it serves other macros more than people."""
        return not self.questions


def read_macros(source: Path = SOURCE) -> tuple[Macro, ...]:
    """The macros of a file in their order, each with the questions up to the next."""
    statements = list(_statements(source.read_text(encoding="utf-8")))
    starts = [n for n, statement in enumerate(statements) if CREATED.match(statement.sql)]
    return tuple(
        _macro(statements[start], statements[start + 1 : end])
        for start, end in zip(starts, [*starts[1:], len(statements)], strict=True)
    )


def create_macros(connection: duckdb.DuckDBPyConnection, notice: str | None) -> None:
    """Make every macro in the open database and comment on it."""
    for macro in read_macros():
        connection.execute(macro.sql)
        kind = "macro table" if macro.is_table else "macro"
        text = f"[{notice}] {macro.text_en}" if notice else macro.text_en
        connection.execute(f"comment on {kind} {macro.name} is {quote(text)}")


def drop_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Remove every macro from the open database."""
    for schema, name, is_table in connection.execute(
        "select distinct schema_name, function_name, function_type = 'table_macro' "
        "from duckdb_functions() where database_name = current_database() and not internal"
    ).fetchall():
        connection.execute(f"drop macro {'table ' if is_table else ''}{schema}.{name}")


def _statements(text: str) -> Iterator[Question]:
    for found in STATEMENT.finditer(text):
        yield Question(_joined(found["vi"]), _joined(found["en"]), found["sql"])


def _macro(statement: Question, questions: list[Question]) -> Macro:
    created = CREATED.match(statement.sql)
    assert created is not None
    return Macro(
        created["name"],
        created["parameters"],
        created["table"] is not None,
        statement.text_vi,
        statement.text_en,
        statement.sql,
        tuple(questions),
    )


def _joined(comment: str) -> str:
    return comment.replace("\n-- ", " ")
