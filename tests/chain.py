"""The job without Dagster: its functions one after the other, in this process.

A run costs seconds instead of a minute, and can be ended at any point. What a run of Dagster adds
(steps, the lock, what is told) is looked at with `nq57` itself in `test_job.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, date, datetime
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.sql import SQLConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from pipelines import release, warehouse
from pipelines.intake.archive import read_receipts
from pipelines.intake.channels import pull
from pipelines.quality.engine import measure
from pipelines.release import Release, rule_set_hash
from pipelines.report import chart
from pipelines.settings import Settings
from pipelines.workbook.reading import read_submissions, reading_key

NOW = datetime(2026, 1, 5, 8, 0, 0, tzinfo=UTC)
"""When files are seen whose channel has no clock to be trusted."""
FACTS = ("--exclude", "tag:after_quality")
SCORES = ("--select", "tag:after_quality")


class DbtFailed(Exception):
    """A model or a gate of dbt; the text names them."""


def run(settings: Settings, as_of: date, known_at: datetime | None = None) -> Release:
    """All of `nq57 run --as-of … --known-at …`, without dbt's tests: they write nothing."""
    intake(settings, known_at)
    load(settings, as_of, known_at)
    return rest(settings, as_of, known_at)


def intake(settings: Settings, known_at: datetime | None = None) -> None:
    pull(settings, NOW)
    read(settings, known_at)


def read(settings: Settings, known_at: datetime | None = None) -> None:
    read_submissions(settings, read_receipts(settings.archive), processes=1, known_at=known_at)


def load(settings: Settings, as_of: date, known_at: datetime | None = None) -> None:
    key = reading_key(settings.seeds, settings.templates)
    warehouse.load_raw(settings, key, known_at)
    rules = rule_set_hash(settings.project_root, settings.templates[0])
    warehouse.write_run(settings.warehouse, as_of, rules)


def rest(settings: Settings, as_of: date, known_at: datetime | None = None) -> Release:
    compute(settings, as_of)
    return publish(settings, as_of, known_at)


def publish(settings: Settings, as_of: date, known_at: datetime | None = None) -> Release:
    """Without the page's charts, which take seconds and are written like the rest of the page."""
    with patch.multiple(chart, trend=lambda *_: "", shares=lambda *_: ""):
        return release.publish(settings, as_of, known_at)


def compute(settings: Settings, as_of: date) -> None:
    dbt(settings, *FACTS)
    warehouse.note_step(settings.warehouse, "facts")
    measure(settings.warehouse, settings.expectations, as_of)
    warehouse.note_step(settings.warehouse, "quality")
    dbt(settings, *SCORES)
    warehouse.note_step(settings.warehouse, "scores")


def dbt(settings: Settings, *selection: str, gates: bool = False) -> None:
    """One `dbt build`; the models are parsed once for all calls."""
    kinds = ("unit_test",) if gates else ("unit_test", "test")
    settings.export()
    _invoke(
        settings,
        "build",
        *selection,
        *(f"--exclude-resource-type={kind}" for kind in kinds),
        manifest=_manifest(settings.project_root).deepcopy(),
    )


def dbt_commits(action: Callable[[], object], at: Callable[[str], object]) -> None:
    """Call `at("before")` and `at("after")` around each commit that dbt makes in an action."""
    real = SQLConnectionManager.add_commit_query

    def commit(manager: Any) -> Any:
        at("before")
        result = real(manager)
        at("after")
        return result

    with patch.object(SQLConnectionManager, "add_commit_query", commit):
        action()


@cache
def _manifest(project: Path) -> Manifest:
    with TemporaryDirectory() as folder:
        return _invoke(Settings(Path(folder), Path(folder), project), "parse")


def _invoke(settings: Settings, *arguments: str, manifest: Manifest | None = None) -> Any:
    said = StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        ended = dbtRunner(manifest).invoke(
            [
                "--log-level-file=none",
                "--no-use-colors",
                *arguments,
                f"--project-dir={settings.dbt_project}",
                f"--profiles-dir={settings.dbt_project}",
                f"--target-path={settings.dbt_target}",
                f"--log-path={settings.logs}",
            ]
        )
    if DuckDBConnectionManager._ENV is not None:  # the file stays open while dbt keeps it
        DuckDBConnectionManager._ENV.close()
    if not ended.success:
        raise DbtFailed(str(ended.exception or "\n".join(_faults(ended.result)))) from (
            ended.exception
        )
    return ended.result


def _faults(result: Any) -> Iterator[str]:
    for one in result or ():
        if one.status in ("error", "fail"):
            yield f"{one.node.name}: {one.message}"


def tables(database: Path, *schemas: str) -> dict[str, tuple[int, int]]:
    """Each table of the schemas (default: all that are published): its rows and their hash.

    The order of rows does not count, nor do the last digits of a sum, which depend on threads.
    """
    wanted = list(schemas or ("marts", "quality", "history"))
    with warehouse.connect(database, read_only=True) as connection:
        columns: dict[str, list[str]] = {}
        for schema, table, column, kind in connection.execute(
            "select schema_name, table_name, column_name, data_type from duckdb_columns()"
            " where list_contains(?, schema_name) and not internal order by all",
            [wanted],
        ).fetchall():
            value = f'round("{column}", 9)' if kind == "DOUBLE" else f'"{column}"'
            columns.setdefault(f'{schema}."{table}"', []).append(value)
        return {
            name: _one(
                connection,
                f"select count(*), coalesce(sum(hash({', '.join(values)})::hugeint), 0)"
                f" from {name}",
            )
            for name, values in columns.items()
        }


def _one(connection: Any, query: str) -> Any:
    return connection.execute(query).fetchall()[0]
