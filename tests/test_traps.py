"""Each of the 52 traps: a named deformation, the workbook that it makes, and what becomes of it."""

from dataclasses import replace
from itertools import islice

import pytest
from deformation.answers import ours
from deformation.cases import cases_of
from deformation.catalogue import DEFORMS, TRAPS
from deformation.clean import Shelf, desk
from deformation.score import Score, score_case

from pipelines.workbook.desk import Sent
from pipelines.workbook.submission import read_file

READ = [deform for deform in DEFORMS if deform.outcome != "fault"]


@pytest.fixture(scope="session")
def shelf():
    return Shelf()


@pytest.fixture(scope="session")
def reader(shelf):
    return ours(desk(shelf))


def score_of(deform, shelf, reader, folder):
    score = Score()
    for case in islice(cases_of(shelf, folder, deform, seed=7), 2):
        score_case(score, case, reader)
    return score


def test_every_trap_has_a_deformation_of_its_own_name():
    assert {deform.trap for deform in DEFORMS} == set(TRAPS)
    names = [deform.name for deform in DEFORMS]
    doubled = {name for name in names if names.count(name) > 1}
    # two dates after the report, of two forms, are the same contradiction
    assert doubled <= {"dated_in_the_future"}


@pytest.mark.parametrize("deform", READ, ids=lambda deform: f"{deform.trap} {deform.name}")
def test_what_is_certain_is_read_and_what_is_not_is_flagged_at_its_cell(
    deform, shelf, reader, tmp_path
):
    score = score_of(deform, shelf, reader, tmp_path)
    assert score.right + score.flagged > 0, "fits no workbook"
    assert score.silent == 0, score.examples
    assert score.kept_right == score.kept, score.examples
    assert score.faults_located == score.faults, score.examples
    if deform.outcome == "doubtful":
        assert score.faults > 0
    if deform.outcome == "refused":
        assert score.right == 0


def test_the_same_seed_makes_the_same_workbook(shelf, tmp_path):
    deform = next(one for one in DEFORMS if one.name == "three_row_header")
    first, second = (
        next(cases_of(shelf, tmp_path / name, deform, seed=3)) for name in ("first", "second")
    )
    assert replace(first, path=second.path) == second


def test_a_name_of_another_period_is_noted_at_the_cell_of_the_cover(shelf, tmp_path):
    deform = next(one for one in DEFORMS if one.trap == "T51")
    case = next(cases_of(shelf, tmp_path, deform, seed=3))
    reading = read_file(Sent(case.path, case.agency, case.file_name), desk(shelf))
    [note] = [note for note in reading.notes if note.code == "name_disagrees"]
    assert note.detail == "Thông tin!B4: 2025-09-23 ≠ 2025-06-20"
    named_alike = Sent(case.path, case.agency, "bao_cao_23.09.2025_gui_25-10-2025.xlsx")
    assert "name_disagrees" not in {note.code for note in read_file(named_alike, desk(shelf)).notes}
