"""The deformation corpus: a part of what `make bench` measures, and its floors."""

import re
from itertools import chain, islice

import pytest
from deformation.answers import ours
from deformation.cases import clean_cases, combined_cases, single_cases
from deformation.clean import Shelf, desk
from deformation.judged import judge
from deformation.libraries import calamine_reader, pandas_reader
from deformation.score import Score, score_case

from pipelines.settings import PROJECT_ROOT

SEED, COMBINED = 11, range(1000, 1040)


@pytest.fixture(scope="module")
def shelf():
    return Shelf()


def score_of(reader, cases):
    score = Score()
    for case in cases:
        score_case(score, case, reader)
    return score


@pytest.fixture(scope="module")
def score(shelf, tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    singles = single_cases(shelf, folder / "single", [SEED])
    combined = combined_cases(shelf, folder / "combined", COMBINED)
    return score_of(ours(desk(shelf)), chain(islice(singles, 0, None, 3), combined))


def test_clean_workbooks_are_read_to_the_last_cell(shelf, tmp_path):
    score = score_of(ours(desk(shelf)), clean_cases(shelf, tmp_path))
    assert score.kept_right == score.kept > 3000, score.examples
    assert (score.silent, score.clean_flagged) == (0, 0)
    assert score.headers_matched == score.headers


def test_no_value_is_silently_wrong(score):
    found = {cause: score.examples.get(cause) for cause in score.wrong if "T07" not in cause}
    assert found == {}


def test_what_is_certain_is_read(score):
    assert score.kept > 10_000
    assert score.kept_right >= 0.99 * score.kept, score.refused
    assert score.clean_flagged < 0.01 * score.clean


def test_faults_are_found_at_their_cell(score):
    assert score.faults > 50
    assert score.faults_located >= 0.95 * score.faults, score.unlocated


def test_contradictions_are_found_at_their_cell_by_the_rules(shelf, tmp_path):
    judged = judge(shelf, "BKHCN", tmp_path)
    assert len(judged.faults) > 15
    assert judged.located >= 0.95 * len(judged.faults), judged.missed
    assert "shifted_cells" not in judged.missed
    assert len(judged.clean_found) < 0.01 * judged.clean


def test_a_scorer_that_cannot_tell_would_see_no_difference(shelf, tmp_path):
    """The libraries that say nothing about doubt must come out worse on the same files."""
    cases = list(combined_cases(shelf, tmp_path, range(2000, 2010)))
    assert score_of(pandas_reader(shelf), cases).silent > 0
    assert score_of(calamine_reader(shelf), cases).silent > 0


def test_the_page_about_the_corpus_names_what_is_there():
    page = (PROJECT_ROOT / "docs" / "corpus.md").read_text(encoding="utf-8")
    for path in re.findall(r"`((?:bench|tests|pipelines)/[\w/.]+)`", page):
        assert (PROJECT_ROOT / path).exists(), path
