"""Which rows count: those that the register gives to who reports them, and in shares whole ones."""

from datetime import date

import pytest
from scenario import Scenario
from test_models_rows import (
    SERVICES,
    checked,
    commune,
    criterion,
    dossiers,
    held,
    measure,
    owned,
    procedure,
)

JUNE, SEPTEMBER, OCTOBER = date(2025, 6, 25), date(2025, 9, 23), date(2025, 10, 28)
UNREADABLE = None


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    world = Scenario(tmp_path_factory.mktemp("counted"))
    send_registers(world)
    send_services(world)
    world.send(
        "BTC",
        "datasets",
        SEPTEMBER,
        held("DB01"),
        held("DB03", records_expected=UNREADABLE, records_held=500, records_verified=UNREADABLE,
             is_connected=UNREADABLE),
        held("DB02", records_held=1),
        held("DB77", records_held=1),
    )  # fmt: skip
    world.send(
        "P01",
        "commune_criteria",
        SEPTEMBER,
        checked("00004", 1, True),
        checked("00004", 2, UNREADABLE),
        checked("00004", 3, False),
        checked("00008", 1, False),
        checked("99999", 1, False),
    )
    with world.build(OCTOBER) as connection:
        yield connection


def send_registers(world):
    """In October procedure 2 is dropped, and a dataset has another owner."""
    kept = procedure("1.000001", "BTC"), procedure("1.000001", "T02")
    world.send("BCD", "register_services", SEPTEMBER, *kept, procedure("1.000002", "BTC"))
    world.send("BCD", "register_services", OCTOBER, *kept)
    for on, owner in ((SEPTEMBER, "BTC"), (OCTOBER, "BCA")):
        world.send("BCD", "register_datasets", on, owned("DB01", owner), owned("DB02", "BCA"),
                   owned("DB03", "BTC"))  # fmt: skip
    world.send("BCD", "register_communes", SEPTEMBER, commune("00004", "P01"),
               commune("00008", "P04"))  # fmt: skip
    world.send("BCD", "register_criteria", SEPTEMBER, criterion(1), criterion(2))


def send_services(world):
    world.send("BTC", "services", JUNE, dossiers("1.000009", 4, 7, 7))
    world.send(
        "BTC",
        "services",
        SERVICES,
        dossiers("1.000001", 8, 100, 50),
        dossiers("1.000001", 9, UNREADABLE, 500),
        dossiers("1.000001", 10, 30, UNREADABLE),
        dossiers("1.000002", 10, 300, 50),
        dossiers("1.000008", 10, 9000, 9000),
    )
    # The register names the old province; the new one answers for it.
    world.send("P08", "services", SERVICES, dossiers("1.000001", 10, 20, 5))
    world.send("P01", "services", SERVICES, dossiers("1.000001", 10, 8000, 8000))


def test_a_share_adds_up_rows_that_have_both_counts(facts):
    # The row of 500 of nobody knows how many, and that of 30, say nothing of a share.
    assert measure(facts, "online_dossier_share", "BTC", SERVICES) == (0.25, 100, 400)
    assert measure(facts, "online_dossier_share", "all", SERVICES) == (0.25, 105, 420)
    # What is no share adds up all that is said.
    assert measure(facts, "dossiers_received", "BTC", SERVICES)[0] == 100 + 30 + 300
    assert measure(facts, "dossiers_fully_online", "BTC", SERVICES)[0] == 50 + 500 + 50
    assert measure(facts, "dataset_coverage_share", "BTC", SEPTEMBER)[1:] == (800, 900)
    assert measure(facts, "dataset_verified_share", "BTC", SEPTEMBER)[1:] == (600, 800)
    assert measure(facts, "dataset_duplicate_share", "BTC", SEPTEMBER)[1:] == (80, 1300)


def test_a_share_of_rows_takes_those_that_say_yes_or_no(facts):
    assert measure(facts, "datasets_connected_share", "BTC", SEPTEMBER) == (1, 1, 1)
    assert measure(facts, "commune_criteria_met_share", "P01") == (1, 1, 1)
    assert measure(facts, "datasets_connected_share", "BTC") == (None, None, 0)


def test_only_procedures_count_that_the_register_gives_to_the_agency(facts):
    assert measure(facts, "online_dossier_share", "P08", SERVICES)[1:] == (5, 20)
    assert measure(facts, "dossiers_received", "P01", SERVICES) is None
    assert measure(facts, "online_dossier_share", "BTC")[1:] == (50, 100)
    found = facts.sql(
        "select agency_code, procedure_code, bool_and(is_counted), bool_or(is_counted)"
        " from marts.fct_services group by all order by all"
    ).fetchall()
    assert found == [
        ("BTC", "1.000001", True, True),
        ("BTC", "1.000002", False, False),
        ("BTC", "1.000008", False, False),
        ("BTC", "1.000009", False, False),
        ("P01", "1.000001", False, False),
        ("P08", "1.000001", True, True),
    ]


def test_until_a_register_lists_anything_every_row_counts(facts):
    assert measure(facts, "dossiers_received", "BTC", SEPTEMBER.replace(day=22))[0] == 7
    assert measure(facts, "dossiers_received", "BTC", SEPTEMBER) is None


def test_only_datasets_count_that_the_register_gives_to_the_agency(facts):
    assert measure(facts, "datasets_reported", "BTC", SEPTEMBER)[0] == 2
    assert measure(facts, "datasets_reported", "all", SEPTEMBER)[0] == 2
    assert measure(facts, "datasets_reported", "BTC")[0] == 1
    found = facts.sql(
        "select dataset_code, is_counted from marts.fct_datasets order by all"
    ).fetchall()
    assert found == [("DB01", False), ("DB02", False), ("DB03", True), ("DB77", False)]


def test_only_criteria_count_of_communes_of_the_province(facts):
    assert measure(facts, "communes_reported")[0] == 1
    assert measure(facts, "communes_reported", "P04") is None
    found = facts.sql(
        "select commune_code, criterion_code from marts.fct_commune_criteria"
        " where is_counted order by all"
    ).fetchall()
    assert found == [("00004", "TC01"), ("00004", "TC02")]
