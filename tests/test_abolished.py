"""What an abolished agency sent: taken for its own days, held for later ones."""

from datetime import UTC, date, datetime

import chain
import pytest
from conftest import copy_project

from pipelines import warehouse
from pipelines.intake.archive import Decision, append_decision
from pipelines.published import UnknownName, write_blank
from pipelines.settings import Settings
from pipelines.verify import verify
from pipelines.workbook.forms import form_words, write_form
from pipelines.workbook.template import load_template

SENT, AFTERWARDS, DAY = date(2025, 3, 25), date(2025, 7, 25), date(2025, 3, 28)
COUNTS = (
    "dossiers_online",
    "dossiers_fully_online",
    "dossiers_resolved",
    "resolved_on_time",
    "results_digitised",
)
ZEROS = ("resolved_late", "dossiers_pending", "dossiers_via_vneid", "dossiers_reusing_data")
DOSSIERS = {
    "procedure_code": "1.000001",
    "procedure_name": "Thủ tục (giả định)",
    "service_level": "Toàn trình",
    "period_start": date(2025, 2, 15),
    "period_end": date(2025, 3, 14),
    "dossiers_received": 100,
    **dict.fromkeys(COUNTS, 60),
    **dict.fromkeys(ZEROS, 0),
}
TASK = {
    "programme_code": "NQ71",
    "task_code": "NQ71-001",
    "title": "Nhiệm vụ (giả định)",
    "lead_agency": "Bộ Tài chính",
    "assigned_on": date(2025, 1, 15),
    "deadline": date(2025, 9, 30),
}
SERVICE = {
    "procedure_code": "1.000001",
    "procedure_name": "Thủ tục (giả định)",
    "agency_code": "T24",
    "service_level": "Toàn trình",
    "is_essential": "Không",
}


def send(settings: Settings, agency: str, template: str, on: date, **rows) -> None:
    """A workbook in the agency's folder of the inbox."""
    layout = load_template(settings.project_root / "pipelines/templates" / f"{template}.yml")
    folder = settings.inbox / agency
    folder.mkdir(parents=True, exist_ok=True)
    cover = {"agency_code": agency, "reporting_date": on}
    words = form_words(layout, settings.seeds)
    write_form(layout, folder / f"{agency}_{on}.xlsx", rows, cover, words)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("abolished")
    project = copy_project(folder / "project")
    settings = Settings(folder / "data", real_input=folder, project_root=project)
    registers = {"register_tasks": [TASK], "register_services": [SERVICE]}
    send(settings, "BCD", "register-01", date(2025, 3, 15), **registers)
    send(settings, "T24", "nq57-01", SENT, services=[DOSSIERS])
    send(settings, "T24", "nq57-01", AFTERWARDS, services=[DOSSIERS | {"dossiers_received": 70}])
    chain.run(settings, DAY)
    return settings


def ask(settings: Settings, query: str) -> list[tuple]:
    with warehouse.connect(settings.published / "nq57.duckdb", read_only=True) as connection:
        return connection.execute(query).fetchall()


STANDING = (
    "select reporting_date, status, reason_code, reason_vi is not null from marts.fct_submissions"
    " where agency_code = 'T24' and form = 'services' and submission_id is not null order by all"
)
ROWS = "select agency_code, period_end, dossiers_received from marts.fct_services order by all"
SHARE = (
    "select numerator, denominator from marts.fct_measures"
    " where measure = 'online_dossier_share' and agency_code = 'T24' and as_of_date = '2025-03-28'"
)


def test_its_report_counts_while_it_existed(settings: Settings) -> None:
    assert ask(settings, STANDING) == [(SENT, "ACCEPTED", None, False)]
    assert ask(settings, ROWS) == [("T24", date(2025, 3, 14), 100)]
    assert ask(settings, SHARE) == [(60, 100)]
    assert verify(settings).holds


def test_there_is_no_form_for_it_to_fill_in(settings: Settings) -> None:
    with pytest.raises(UnknownName, match="No reporting agency has the code T24"):
        write_blank(settings, "T24", settings.data_root / "T24.xlsx")


def test_a_later_one_waits_for_a_person(settings: Settings) -> None:
    chain.run(settings, AFTERWARDS)
    assert ask(settings, STANDING) == [
        (SENT, "ACCEPTED", None, False),
        (AFTERWARDS, "HELD", "abolished_agency", True),
    ]
    assert ask(settings, ROWS) == [("T24", date(2025, 3, 14), 100)]
    assert verify(settings).holds
    query = "select submission_id from marts.fct_submissions where reason_code = 'abolished_agency'"
    ((held,),) = ask(settings, query)
    now = datetime(2025, 8, 1, tzinfo=UTC)
    decision = Decision(now, "An", "held_submission", held, "accept", "Sent late, confirmed")
    append_decision(settings.archive, decision)
    chain.run(settings, AFTERWARDS)
    assert [row[1] for row in ask(settings, STANDING)] == ["ACCEPTED", "ACCEPTED"]
    assert ask(settings, ROWS) == [("T24", date(2025, 3, 14), 70)]
    assert verify(settings).holds
