"""Templates: what a workbook looks like, as data.

One YAML file per layout. The same file makes the blank form, the sample and the reading of what
comes back, so that the three cannot drift apart. A new layout, year or agency is a new file, never
Python.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

ValueType = Literal[
    "agencies", "boolean", "code", "count", "date", "deadline", "number", "percent", "quantity",
    "suffixed_code", "text", "unit", "word",
]  # fmt: skip

COLUMN_TYPES: dict[ValueType, tuple[str, dict[str, str]]] = {
    "agencies": ("varchar[]", {}),
    "boolean": ("boolean", {}),
    "code": ("varchar", {}),
    "count": ("bigint", {}),
    "date": ("date", {}),
    "deadline": ("date", {"precision": "varchar", "kind": "varchar"}),
    "number": ("double", {}),
    "percent": ("double", {}),
    "quantity": ("double", {"operator": "varchar", "upper_bound": "double", "unit": "varchar"}),
    "suffixed_code": ("varchar", {"suffix": "varchar"}),
    "text": ("varchar", {}),
    "unit": ("varchar", {"scale": "double"}),
    "word": ("varchar", {}),
}
"""DuckDB type of a value, and of the columns `<name>_<part>` that complete it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Strict):
    """A column of a table, or a field of the cover, under its canonical name."""

    name: str
    header: str
    type: ValueType
    aliases: tuple[str, ...] = ()
    format: str | None = None
    """Makes a code from other columns of the row, such as `NQ03-{no:03d}`."""
    mask: str | None = None
    """How a code of digits looks, such as `00000` or `0.000000`: gives back lost zeros."""
    words: str | None = None
    """List of seed `words` that the values come from; of type `boolean` also without, `yes_no`."""
    unit_column: str | None = None
    """Column of the row that gives the unit of a quantity, and by what it is multiplied."""
    is_required: bool = False
    """A sheet without this header is not this form."""
    is_personal: bool = False
    """Never published; findings show a mask."""
    is_optional: bool = False
    """A blank says "nothing to report" and is no fault."""
    excused_when: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """A blank is no fault either when another column of the row has one of these values."""
    is_additive: bool = True
    """Of a count: what a total row gives is the sum of the rows."""
    is_register: bool = False
    """Filled in from the register in a blank form."""
    width: int = 16
    note_vi: str = ""
    note_en: str = ""

    @property
    def word_list(self) -> str | None:
        """List of seed `words` that the values come from, if they come from one."""
        return self.words or ("yes_no" if self.type == "boolean" else None)


class Continuation(_Strict):
    """Rows that go on with the row above them: all of these columns are blank in them."""

    when_blank: tuple[str, ...]


class Match(_Strict):
    """What tells a row without a code: columns of the same names in the form and in a register."""

    to: str
    """The form of the register, such as `register_tasks`."""
    title: str
    """Column with the words of the row."""
    document: str | None = None
    """Column with the document that assigns it."""
    within: str | None = None
    """Column of type `agencies` in which both name an agency, before likeness counts."""


class Sum(_Strict):
    """A column of counts that in every row is the sum of other columns."""

    total: str
    parts: tuple[str, ...]


class Form(_Strict):
    """One sheet: a table of rows, or a cover of label and value pairs."""

    sheet: str
    sheet_en: str = ""
    aliases: tuple[str, ...] = ()
    layout: Literal["table", "pairs"] = "table"
    raw_table: str | None = None
    """Table of schema `raw` that the rows go to; the form's own name when not given."""
    sums: tuple[Sum, ...] = ()
    """Rows that do not add up are noted while they are read: for a form that no rule reads."""
    is_checked_while_read: bool = False
    """So are its total rows and running numbers."""
    key: tuple[str, ...] = ()
    """Columns that tell the rows of a submission apart; joined with `/` they are `record_key`."""
    blank_rows: int = Field(default=50, ge=0)
    """Rows below the filled ones of a blank form that carry formats and lists."""
    prefill: str | None = None
    """Query of the published file for what the register knows of `$agency`, for a blank form."""
    columns: tuple[Column, ...]
    no_columns: tuple[str, ...] = ()
    """Headers that are no column of the form, and that nobody needs to be asked about."""
    match: Match | None = None
    """How a row without a readable code is told; not given: it is not."""
    continuation: Continuation | None = None
    skips_unanswered: bool = False
    """A row with nothing but what the register had filled in is structure, no report."""

    def column(self, name: str) -> Column:
        """The column with this canonical name."""
        return next(column for column in self.columns if column.name == name)


class AppliesTo(_Strict):
    """What a submission must be for the template to be tried; blank means anything."""

    agency_codes: tuple[str, ...] = ()
    file_name: str = "*"


class Template(_Strict):
    """A layout: its forms by name, and what holds for every submission that follows it."""

    template: str
    version: str
    title_vi: str = ""
    title_en: str = ""
    applies_to: AppliesTo = AppliesTo()
    constants: dict[str, str] = Field(default_factory=dict)
    """Values of the cover or of every row, by canonical name, such as `reporting_date`."""
    dates_after: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Dates of the cover by canonical name: words above the table that such a date follows."""
    forms: dict[str, Form]

    def fits(self, agency_code: str, file_name: str) -> bool:
        """Whether a file of this name from this agency may follow the template."""
        wanted = self.applies_to
        return (not wanted.agency_codes or agency_code in wanted.agency_codes) and fnmatchcase(
            file_name, wanted.file_name
        )


def load_template(path: Path) -> Template:
    """Read one template. Raises pydantic.ValidationError naming the field that is wrong."""
    # The loader in C: 20 templates in 0.01 s, where the one in Python takes 0.1 s (2026-11-25).
    said = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return Template.model_validate(said)


def load_templates(folders: tuple[Path, ...]) -> tuple[Template, ...]:
    """All templates of the folders; the first folder comes first, then by file name."""
    return tuple(load_template(path) for folder in folders for path in sorted(folder.glob("*.yml")))
