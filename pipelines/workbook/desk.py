"""What reading starts from: the file that was sent, and what lies beside the reader.

What belongs here: the two records, and loading templates and closed lists once per process. What
does not: reading itself (`submission.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pipelines.workbook.layout.choose import Answers
from pipelines.workbook.layout.likeness import Likeness, load_likeness
from pipelines.workbook.parsing.vocabulary import Vocabulary, load_vocabulary
from pipelines.workbook.template import Template, load_templates


@dataclass(frozen=True)
class Desk:
    """What lies beside the reader: templates in the order they are tried, and closed lists."""

    templates: tuple[Template, ...]
    vocabulary: Vocabulary
    likeness: Likeness | None = None

    @cached_property
    def labels(self) -> frozenset[str]:
        """Headers and words for nothing: in a sheet of old letters, too, they are Unicode."""
        forms = (form for template in self.templates for form in template.forms.values())
        headers = frozenset(column.header for form in forms for column in form.columns)
        return headers | self.vocabulary.spelled_fillers

    @classmethod
    def set_up(cls, seeds: Path, template_folders: tuple[Path, ...]) -> Desk:
        """Templates made for certain agencies or file names go before those for anyone."""
        templates = sorted(load_templates(template_folders), key=_is_general)
        return cls(tuple(templates), load_vocabulary(seeds), load_likeness(seeds, "header"))


@dataclass(frozen=True)
class Sent:
    """A file with what decides how it is read: who sent it, its name, what people answered."""

    path: Path
    agency_code: str
    file_name: str
    answers: Answers = field(default_factory=dict)
    """About headers of this agency."""


def _is_general(template: Template) -> int:
    wanted = template.applies_to
    return (not wanted.agency_codes) + (wanted.file_name == "*")
