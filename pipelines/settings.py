"""Where things are. The only module that reads the environment.

What belongs here: paths and switches that differ between machines. What does not: anything that
changes a figure (that is data: rules, seeds, templates).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Access:
    """What opens an agency's channel. Never logged, never in a receipt."""

    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    key_file: str | None = field(default=None, repr=False)
    endpoint: str | None = None
    region: str | None = None

    def hide(self, text: str) -> str:
        """A sentence of a server or a library without the password that it may quote."""
        return text.replace(self.password, "…") if self.password else text


@dataclass(frozen=True)
class Settings:
    """Paths of one data root and of the project that works on it."""

    data_root: Path
    real_input: Path
    project_root: Path = PROJECT_ROOT

    @classmethod
    def from_environment(cls) -> Settings:
        """Read `NQ57_DATA` (default `data/`) and `NQ57_REAL_INPUT` (default beside the project)."""
        default_input = PROJECT_ROOT.parent / "shared" / "real_input"
        return cls(
            data_root=Path(os.environ.get("NQ57_DATA", PROJECT_ROOT / "data")).absolute(),
            real_input=Path(os.environ.get("NQ57_REAL_INPUT", default_input)).absolute(),
        )

    @property
    def inbox(self) -> Path:
        return self.data_root / "inbox"

    @property
    def channels(self) -> Path:
        """One line per agency; without the file every folder of the inbox is a channel."""
        return self.data_root / "channels.yml"

    def access(self, agency_code: str) -> Access:
        """What `NQ57_CHANNEL_<AGENCY>_USER` and its kin say of an agency's channel."""
        prefix = f"NQ57_CHANNEL_{agency_code}_"
        given = {one.name: os.environ.get(prefix + one.name.upper()) for one in fields(Access)}
        return Access(**{name: value for name, value in given.items() if value})

    @property
    def known_hosts(self) -> Path:
        """Keys of the SFTP servers that may be talked to, as OpenSSH keeps them."""
        return self.data_root / "known_hosts"

    @property
    def seen(self) -> Path:
        """What earlier pulls saw of each file, cached; may be deleted at any time."""
        return self.data_root / "seen.json"

    @property
    def archive(self) -> Path:
        """The only thing that must never be lost."""
        return self.data_root / "archive"

    @property
    def raw(self) -> Path:
        """Readings of archived files, cached; may be deleted at any time."""
        return self.data_root / "raw"

    @property
    def warehouse(self) -> Path:
        """The database that a run works in; may be deleted at any time."""
        return self.data_root / "warehouse.duckdb"

    @property
    def releases(self) -> Path:
        return self.data_root / "releases"

    @property
    def published(self) -> Path:
        """Symbolic link to the newest release."""
        return self.data_root / "published"

    @property
    def lock(self) -> Path:
        return self.data_root / "lock"

    @property
    def dbt_target(self) -> Path:
        """Where dbt puts what it has parsed and done."""
        return self.data_root / "dbt"

    @property
    def logs(self) -> Path:
        """Full logs of the runs started from the terminal, one file each."""
        return self.data_root / "logs"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own records of runs and materialisations; may be deleted at any time."""
        return self.data_root / "dagster"

    @property
    def templates(self) -> tuple[Path, Path]:
        """Folders of template YAML files: a user's own first, then those of the project."""
        return self.data_root / "templates", self.project_root / "pipelines" / "templates"

    @property
    def dbt_project(self) -> Path:
        return self.project_root / "dbt_project"

    @property
    def seeds(self) -> Path:
        """Closed lists, one CSV each, with Vietnamese and English labels."""
        return self.dbt_project / "seeds"

    @property
    def expectations(self) -> Path:
        return self.project_root / "expectations"

    def export(self) -> None:
        """Tell child processes where the warehouse is: dbt's profile asks the environment."""
        os.environ["NQ57_WAREHOUSE"] = str(self.warehouse)
