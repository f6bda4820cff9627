"""Headers and names of sheets: which column of a sheet is which column of the form?

What belongs here: comparing texts with what a template knows, exactly or by alias, on the folded
form; then, for the rest of a header that was found so, by likeness. What does not: where in a sheet
the header is (`locate.py`), what likeness is (`likeness.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz

from pipelines.workbook.layout.likeness import Likeness, Verdict, differences, is_slip
from pipelines.workbook.parsing.text import clean_text, fold
from pipelines.workbook.template import Column, Form

LONGEST_HEADER = 120
LEVELS = " / "
"""What joins the rows of a header."""
SERIAL = frozenset({"stt", "tt", "so tt", "so thu tu"})
"""Headers of running numbers, which belong to no form."""
NO_COLUMN = "none"
"""The answer that a header is no column of the form."""


class KnownHeaders:
    """The folded headers of a form with the columns that they name, exact ones before aliases."""

    def __init__(self, form: Form) -> None:
        exact = {fold(column.header): column.name for column in form.columns}
        aliases = {fold(text): column.name for column in form.columns for text in column.aliases}
        self.levels = (exact, aliases)


@dataclass(frozen=True)
class Headers:
    """Columns of a sheet by canonical name (0-based), and headers that no column answers to."""

    columns: dict[str, int]
    unmatched: tuple[tuple[int, str], ...]
    rivals: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Further places that bear the very name by which a column was found, or its lowest text."""


@dataclass(frozen=True)
class HeaderMatch:
    """A header that no column bears, and the column that it is most like, if any."""

    header_text: str
    column_name: str | None
    score: float
    verdict: Verdict


def match_headers(known: KnownHeaders, headers: Sequence[Sequence[str]]) -> Headers:
    """Find the columns of a form; each place offers one or more texts (rows of a merged header).

    Exact names go before aliases, the left column before the right. A second column under a name
    already taken stays unmatched, so that it is reported; where it was found by a name of the same
    rank it is a rival, and rows in which the two differ have no value (`shared_cells.py`).
    """
    columns: dict[str, int] = {}
    rivals: dict[str, tuple[int, ...]] = {}
    for level in known.levels:
        before = {*columns}
        for place, texts in enumerate(headers):
            if place in columns.values():
                continue
            names = (level.get(fold(text)) for text in texts if 0 < len(text) < LONGEST_HEADER)
            name = next((name for name in names if name is not None), None)
            if name is not None and name not in columns:
                columns[name] = place
            elif name is not None and name not in before:
                rivals[name] = (*rivals.get(name, ()), place)
    unmatched = tuple(
        (place, clean_text(texts[0]))
        for place, texts in enumerate(headers)
        if texts[0].strip() and place not in columns.values()
    )
    taken = {*columns.values()}
    free = {
        name: tuple(place for place in places if place not in taken)
        for name, places in rivals.items()
    }
    return Headers(columns, unmatched, {name: places for name, places in free.items() if places})


def like_columns(
    form: Form, found: AbstractSet[str], texts: Iterable[str], likeness: Likeness
) -> tuple[HeaderMatch, ...]:
    """What is to be made of headers that name no column of a form, some of which were `found`.

    Accepted: the best column is free, far enough ahead of any other, and only slips of writing
    apart. Asked: alike, but not so surely. Two headers for one column are both asked about.
    """
    known = {column.name: _known_words(column, likeness) for column in form.columns}
    exact = {label for column in form.columns for label in labels(column)}
    answered = {fold(text) for text in form.no_columns}
    matches = [
        _judged_by_levels(text, known, found, likeness)
        for text in dict.fromkeys(texts)
        if fold(text) not in exact | answered
    ]
    wanted = [match.column_name for match in matches if match.verdict == "accepted"]
    return tuple(
        replace(match, verdict="asked")
        if match.verdict == "accepted" and wanted.count(match.column_name) > 1
        else match
        for match in matches
    )


def answered_form(form: Form, answers: Mapping[str, str]) -> Form:
    """A form that knows further headers: by folded text the column that each is, or `none`."""
    if not answers:
        return form
    refused = tuple(text for text, name in answers.items() if name == NO_COLUMN)
    columns = tuple(
        column.model_copy(
            update={
                "aliases": (
                    *(text for text in column.aliases if fold(text) not in answers),
                    *(text for text, name in answers.items() if name == column.name),
                )
            }
        )
        for column in form.columns
    )
    update = {"columns": columns, "no_columns": (*form.no_columns, *refused)}
    return form.model_copy(update=update)


def is_sheet_of(form: Form, sheet_name: str) -> bool:
    """Whether a sheet bears the name of the form, or an alias of it."""
    return fold(sheet_name) in {fold(name) for name in (form.sheet, *form.aliases)}


def labels(column: Column) -> frozenset[str]:
    """The folded texts that stand for a column."""
    return frozenset(map(fold, (column.header, *column.aliases)))


_Known = tuple[tuple[str, ...], ...]


def _known_words(column: Column, likeness: Likeness) -> _Known:
    return tuple(tuple(likeness.words(label)) for label in (column.header, *column.aliases))


def _judged_by_levels(
    text: str, known: Mapping[str, _Known], found: AbstractSet[str], likeness: Likeness
) -> HeaderMatch:
    """A header over several rows as a whole; else its lowest row alone, which is never certain."""
    match = _judged(text, known, found, likeness)
    lowest = text.rpartition(LEVELS)[2]
    if match.verdict != "refused" or lowest == text:
        return match
    alone = _judged(lowest, known, found, likeness)
    if alone.verdict == "refused":
        return match
    return replace(match, column_name=alone.column_name, score=alone.score, verdict="asked")


def _judged(
    text: str, known: Mapping[str, _Known], found: AbstractSet[str], likeness: Likeness
) -> HeaderMatch:
    header = clean_text(text)
    words = likeness.words(text)
    letters = len("".join(words))
    if not words or len(header) >= LONGEST_HEADER:
        return HeaderMatch(header, None, 0, "refused")
    vocabulary = {word for labels in known.values() for label in labels for word in label}
    ranked = sorted(
        ((max(_score(words, label) for label in of), name) for name, of in known.items()),
        reverse=True,
    )
    best, name = ranked[0]
    second = ranked[1][0] if len(ranked) > 1 else 0
    if name in found or all(_turns(words, label, likeness) for label in known[name]):
        return HeaderMatch(header, None, best, "refused")
    is_sure = best >= likeness.accept and best - second >= likeness.ahead
    is_equal = [of for of, known_as in known.items() if _is_equal(words, known_as)] == [name]
    if letters >= likeness.shortest and (
        is_equal
        or (is_sure and any(_says(words, label, vocabulary, likeness) for label in known[name]))
    ):
        return HeaderMatch(header, name, best, "accepted")
    if best >= likeness.ask:
        return HeaderMatch(header, name, best, "asked")
    return HeaderMatch(header, None, best, "refused")


def _is_equal(words: Sequence[str], labels: _Known) -> bool:
    """Whether a header is a label but for blanks, marks, and phrases that mean the same."""
    return any("".join(words) == "".join(label) for label in labels)


def _score(words: Sequence[str], label: Sequence[str]) -> float:
    return round(fuzz.ratio(" ".join(words), " ".join(label)), 1)


def _says(
    words: Sequence[str], label: Sequence[str], vocabulary: AbstractSet[str], likeness: Likeness
) -> bool:
    """Whether a header says what a label does but for slips, of which one word in two is right."""
    pairs = list(differences(words, label))
    are_slips = all(
        written not in vocabulary and is_slip(written, meant, likeness.turning)
        for written, meant in pairs
    )
    return are_slips and 2 * len(pairs) <= len(label)


def _turns(words: Sequence[str], label: Sequence[str], likeness: Likeness) -> bool:
    """Whether a header has a word that turns the meaning, and the label has not."""
    return bool(likeness.turning & ({*words} - {*label}))


def accepted_answers(matches: Iterable[HeaderMatch]) -> Iterator[tuple[str, str]]:
    """What likeness alone answers: folded headers with their columns."""
    for match in matches:
        if match.verdict == "accepted" and match.column_name:
            yield fold(match.header_text), match.column_name
