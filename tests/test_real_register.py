"""The published lists as registers of the committee: one run of the models over all of them."""

import shutil
from datetime import UTC, datetime

import pytest
from scenario import run_dbt

from pipelines import warehouse
from pipelines.intake.archive import read_receipts
from pipelines.intake.channels import pull
from pipelines.quality.engine import measure
from pipelines.sample.records import REPORTING_DATES
from pipelines.settings import Settings
from pipelines.workbook.reading import read_submissions, reading_key

FOLDER = Settings.from_environment().real_input
FILES = (
    "nq57_tasks/nq03_tasks_original_agencies.csv",
    "nq57_tasks/nq03_tasks_after_2025-03_merger.csv",
    "nq57_tasks/nq03_indicators.csv",
    "procedures/procedures.csv",
    "admin_units/communes_2025-07-01.csv",
    "admin_units/crosswalk_province_63_to_34.csv",
    "admin_units/crosswalk_commune_old_to_new.csv",
)
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no real input at {FOLDER}")
DAY = REPORTING_DATES[0]


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    root = tmp_path_factory.mktemp("real")
    settings = Settings(data_root=root, real_input=FOLDER)
    inbox = settings.inbox / "BCD"
    inbox.mkdir(parents=True)
    for name in FILES:
        shutil.copy(FOLDER / name, inbox)
    pull(settings, datetime(2025, 7, 20, tzinfo=UTC))
    read_submissions(settings, read_receipts(settings.archive), processes=1)
    warehouse.load_raw(settings, reading_key(settings.seeds, settings.templates))
    run_dbt(settings, DAY, "--exclude", "tag:after_quality")
    measure(settings.warehouse, settings.expectations, DAY)
    with warehouse.connect(settings.warehouse, read_only=True) as connection:
        yield connection


def test_every_row_is_kept_rejected_or_a_continuation(facts):
    found = facts.sql(
        "select reporting_date, form, status, rows_received, rows_kept, rows_rejected"
        " from marts.fct_submissions where agency_code = 'BCD' order by all"
    ).fetchall()
    print("\nreal input:", *found, sep="\n  ")
    assert [(str(day), *rest) for day, *rest in found] == [
        ("2025-01-09", "register_indicators", "ACCEPTED", 57, 57, 0),
        ("2025-01-09", "register_tasks", "ACCEPTED", 140, 140, 0),
        ("2025-04-01", "register_tasks", "ACCEPTED", 140, 140, 0),
        ("2025-07-01", "register_commune_changes", "ACCEPTED", 10604, 10604, 0),
        ("2025-07-01", "register_communes", "ACCEPTED", 3321, 3321, 0),
        ("2025-07-01", "register_province_changes", "ACCEPTED", 63, 63, 0),
        # Three procedures of an agency that is not in the list: their key cannot be read.
        ("2025-07-20", "register_services", "ACCEPTED", 2849, 2846, 3),
    ]
    structure = facts.sql("select row_class, count(*) from raw.structure_rows group by all")
    assert structure.fetchall() == [("continuation", 3)]


def test_changes_of_provinces_agree_with_the_list_of_agencies(facts):
    found = facts.sql(
        "select count(*), count_if(successor_code = new_agency_code)"
        " from marts.bridge_province_changes as changes"
        " inner join marts.dim_agencies as agencies"
        " on changes.old_agency_code = agencies.agency_code"
    ).fetchone()
    assert found == (63, 63)


def test_changes_of_communes_end_in_the_communes_of_today(facts):
    found = facts.sql(
        "select count(*), count_if(merge_type = 'partial'), count(distinct old_commune_code),"
        " count_if(changes.agency_code = communes.agency_code[1])"
        " from marts.bridge_commune_changes as changes"
        " inner join raw.register_communes as communes"
        " on changes.new_commune_code = communes.commune_code"
    ).fetchone()
    print(f"\nchanges of communes: rows, partial, old communes, same province: {found}")
    assert found == (10604, 1012, 10052, 10604)


def test_deadlines_have_a_date_with_precision_or_a_kind(facts):
    found = facts.sql(
        "select deadline_kind, deadline_precision, count(deadline), count(*)"
        " from marts.dim_tasks group by all"
    ).fetchall()
    print(f"\ndeadlines of NQ03: {sorted(found, key=str)}")
    assert {(kind, precision): (dated, total) for kind, precision, dated, total in found} == {
        ("fixed", "month"): (48, 48),
        ("fixed", "quarter"): (1, 1),
        ("fixed", "year"): (74, 74),
        ("regular", None): (0, 13),
        ("annual", None): (0, 3),
        ("none", None): (0, 1),
    }


def test_what_is_not_certain_is_a_finding(facts):
    found = facts.sql(
        "select rule_id, record_key, count(*) from measured.failing_rows"
        " where form = 'register_tasks' and rule_id != 'REG-SUF-001' group by all order by all"
    ).fetchall()
    print(f"\nfindings on NQ03: {found}")
    assert found == [
        ("REG-CLN-003", "NQ03-003", 1),
        ("REG-CLN-003", "NQ03-108", 1),
        ("REG-SUF-003", "NQ03-042", 2),
    ]


def test_abolished_ministries_are_answered_for_from_their_last_day_on(facts):
    found = facts.sql(
        "select agency_code, valid_from, valid_to from marts.bridge_task_agencies"
        " where task_code = 'NQ03-001' and role = 'lead' order by valid_from"
    ).fetchall()
    assert [(code, str(start), end and str(end)) for code, start, end in found] == [
        ("BTTTT", "2025-01-09", "2025-02-28"),
        ("BKHCN", "2025-03-01", None),
    ]
    gone = facts.sql(
        "select count(*) from marts.bridge_task_agencies as bridge"
        " inner join marts.dim_agencies as agencies using (agency_code)"
        " where agencies.successor_code is not null and bridge.valid_to is null"
    ).fetchone()
    assert gone == (0,)


def test_registers_reach_their_dimensions(facts):
    found = facts.sql(
        "select (select count(*) from marts.dim_services),"
        " (select count(*) from marts.dim_communes),"
        " (select count(*) from marts.dim_indicators),"
        " (select count(target) from marts.dim_indicators)"
    ).fetchone()
    # NQ03-11 is the heading of NQ03-11.1 to 11.12: no agency answers for it.
    assert found == (2846, 3321, 56, 48)


def test_what_cannot_be_read_in_the_other_lists_is_a_finding(facts):
    found = facts.sql(
        "select form, column_name, count(*) from measured.failing_rows"
        " where rule_id like '%-CLN-%' and form != 'register_tasks' group by all order by all"
    ).fetchall()
    print(f"\nfindings on the other lists: {found}")
    assert found == [("register_indicators", "target", 8), ("register_services", "agency_code", 3)]
