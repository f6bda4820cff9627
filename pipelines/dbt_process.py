"""dbt in a process of its own that parses the project once and then builds what it is asked for.

What belongs here: starting that process and telling what failed in it. What does not: which models
are built (`check.py`, `day.py`), and the calls of a run, which go through Dagster (`defs/dbt.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, Self

from pipelines.release import rule_set_files
from pipelines.settings import Settings


class DbtFailed(RuntimeError):
    """A model could not be built; the sentence names it."""


class DbtProcess:
    """dbt on the warehouse of a data root. Use it in a `with` block; parsing starts at once."""

    def __init__(
        self, settings: Settings, gates: bool = False, parsed_by: Settings | None = None
    ) -> None:
        """Nothing is started yet.

        Args:
            settings: the data root.
            gates: models are built with their tests, and one that fails stops the rest.
            parsed_by: a data root in which dbt may have parsed this project: 5 s less to compute.
        """
        self._settings = settings
        self._parsed_by = parsed_by
        self._without = ("unit_test",) if gates else ("unit_test", "test")
        self._pool = ProcessPoolExecutor(
            1, mp_context=get_context("spawn"), initializer=settings.export
        )

    def __enter__(self) -> Self:
        self._parsed: Future[None] = self._pool.submit(_parse, self._settings, self._parsed_by)
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def build(self, *selection: str) -> None:
        """Build models and seeds. Raises DbtFailed."""
        self._parsed.result()
        kinds = [f"--exclude-resource-type={kind}" for kind in self._without]
        self._pool.submit(_build, self._settings, [*kinds, *selection]).result()


_parsed: list[Any] = []
"""The manifest, in the process of dbt."""


def _parse(settings: Settings, parsed_by: Settings | None) -> None:
    """Let this process know the project: as dbt has parsed it elsewhere, or by parsing it now."""
    known = _parsed_before(settings, parsed_by) if parsed_by else None
    _parsed[:] = [known or _invoke(settings, ["parse"])]


def _parsed_before(settings: Settings, parsed_by: Settings) -> Any:  # noqa: ANN401
    """What dbt has kept in a data root of a project no file of which is younger; None if it has."""
    from dbt.contracts.graph.manifest import Manifest  # noqa: PLC0415
    from dbt.version import __version__  # noqa: PLC0415

    kept = parsed_by.dbt_target / "partial_parse.msgpack"
    changed = max(path.stat().st_mtime for path in rule_set_files(settings.project_root).values())
    if not kept.is_file() or kept.stat().st_mtime < changed:
        return None
    found = Manifest.from_msgpack(kept.read_bytes())
    return found if found.metadata.dbt_version == __version__ else None


def _build(settings: Settings, arguments: Sequence[str]) -> None:
    _invoke(settings, ["build", *arguments])


def _invoke(settings: Settings, arguments: Sequence[str]) -> Any:  # noqa: ANN401
    """What one call of dbt gives; its connection is closed, so that others may open the file."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415
    from dbt.cli.main import dbtRunner  # noqa: PLC0415

    ended = dbtRunner(*_parsed).invoke(
        [
            "--quiet",
            "--log-level-file=none",
            *arguments,
            f"--project-dir={settings.dbt_project}",
            f"--profiles-dir={settings.dbt_project}",
            f"--target-path={settings.dbt_target}",
            f"--log-path={settings.logs}",
        ]
    )
    DuckDBConnectionManager.close_all_connections()
    if not ended.success:
        failed = [one for one in _results(ended.result) if one.status in ("error", "fail")]
        raise DbtFailed(
            "; ".join(f"{one.node.name}: {one.message}" for one in failed) or str(ended.exception)
        )
    return ended.result


def _results(result: Any) -> Sequence[Any]:  # noqa: ANN401
    return getattr(result, "results", result) or ()
