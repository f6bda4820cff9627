"""A form is added by following docs/new-form.md to the letter: data, SQL and YAML, no Python."""

import re

import pytest
from conftest import copy_project, nq57
from golden import SHEETS, workbook_of

from pipelines import warehouse
from pipelines.settings import PROJECT_ROOT, Settings

STEP = re.compile(
    r"^`(?P<path>[^`]+)`, (?P<how>new|append|after)(?: `(?P<mark>[^`]+)`)?:\n\n"
    r"```\w+\n(?P<text>.*?)```$",
    re.MULTILINE | re.DOTALL,
)
PAGE = (PROJECT_ROOT / "docs" / "new-form.md").read_text(encoding="utf-8")
COURSES = (
    ("Mã khóa", "Tên khóa", "Số người học", "Trực tuyến"),
    ("TH-01", "Kỹ năng số", "1.200", "Có"),
    ("TH-02", "An toàn thông tin", 80, "Không"),
    ("TH-03", "Dữ liệu mở", "đông", "x"),
    ("TH-01", "Kỹ năng số", 1200, "Có"),
)


def follow(project):
    """Do what the page says; gives the kinds of files that it touched."""
    kinds = set()
    for step in STEP.finditer(PAGE):
        path = project / step["path"]
        kinds.add(path.suffix)
        if step["how"] == "new":
            assert not path.exists()
            path.write_text(step["text"], encoding="utf-8")
            continue
        before = path.read_text(encoding="utf-8")
        if step["how"] == "append":
            path.write_text(before + step["text"], encoding="utf-8")
        else:
            head, mark, tail = before.partition(step["mark"])
            assert mark, f"{step['path']} does not say {step['mark']}"
            added = step["text"] if tail.startswith("\n") and "\n" in step["text"] else None
            text = f"\n{step['text'].rstrip()}" if added else step["text"].rstrip()
            path.write_text(head + mark + text + tail, encoding="utf-8")
    return kinds


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The project with the form, run over one workbook that has it."""
    root = tmp_path_factory.mktemp("new_form")
    project = copy_project(root / "project")
    assert follow(project) <= {".yml", ".csv", ".sql"}
    settings = Settings(data_root=root / "data", real_input=root, project_root=project)
    inbox = settings.inbox / "BKHCN"
    inbox.mkdir(parents=True)
    workbook_of(inbox / "bao_cao.xlsx", {"Nhiệm vụ": SHEETS["Nhiệm vụ"], "Tập huấn": COURSES})
    ended = nq57(settings.data_root, "run", project=project)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return settings


@pytest.fixture(scope="module")
def published(world):
    with warehouse.connect(world.published / "nq57.duckdb", read_only=True) as connection:
        yield connection


def command(world, *arguments):
    ended = nq57(world.data_root, *arguments, project=world.project_root)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_every_step_of_the_page_is_followed():
    assert len(STEP.findall(PAGE)) == PAGE.count("```") // 2


def test_rows_are_kept_with_their_address(published):
    found = published.execute(
        "select training_code, participants, is_online, sheet_name, row_number"
        " from marts.fct_trainings order by training_code"
    ).fetchall()
    assert found == [
        ("TH-01", 1200, True, "Tập huấn", 2),
        ("TH-02", 80, False, "Tập huấn", 3),
        ("TH-03", None, True, "Tập huấn", 4),
    ]
    kept = published.execute(
        "select rows_received, rows_kept, rows_rejected from marts.fct_submissions"
        " where form = 'trainings'"
    ).fetchall()
    assert kept == [(4, 3, 1)]


def test_measures_follow_from_their_declaration(published):
    found = published.execute(
        "select measure, agency_code, value from marts.fct_measures"
        " where measure in ('people_trained', 'trainings_online_share')"
        " and agency_code in ('all', 'BKHCN') order by all"
    ).fetchall()
    assert found == [
        ("people_trained", "BKHCN", 1280),
        ("people_trained", "all", 1280),
        ("trainings_online_share", "BKHCN", pytest.approx(2 / 3)),
        ("trainings_online_share", "all", pytest.approx(2 / 3)),
    ]


def test_a_fault_is_found_at_its_cell_and_scored(published):
    found = published.execute(
        "select rule_id, cell, value_found from quality.findings where form = 'trainings'"
    ).fetchall()
    assert found == [("TRN-CLN-001", "C4", "đông")]
    score = published.execute(
        "select score from quality.scores where subject = 'trainings' and dimension = 'clean'"
        " and agency_code = 'BKHCN'"
    ).fetchall()
    assert score == [(pytest.approx(100 * 2 / 3),)]


def test_a_figure_is_traced_to_its_cells_and_proved(world):
    said = command(world, "trace", "fct_measures", "people_trained//BKHCN", "value")
    assert "C2" in said
    assert "Tập huấn" in said
    assert "is proved" in command(world, "verify")
