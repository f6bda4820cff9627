"""`nq57 check`: what it finds in a file is what a run finds, and nothing of it remains."""

import hashlib
import inspect
import os
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime

import chain
import golden
import pytest
import yaml
from conftest import command
from test_abolished import SERVICE, TASK, send

from pipelines import warehouse
from pipelines.checking import check as checking
from pipelines.checking.check import check
from pipelines.cli import main
from pipelines.intake.archive import submission_id
from pipelines.intake.channels import MAX_BYTES, reporting_agencies
from pipelines.report.checked import lines, repair_labels
from pipelines.settings import PROJECT_ROOT, Settings

DAY, BEFORE = date(2025, 10, 28), date(2025, 9, 23)
NOW = datetime(2026, 1, 6, 8, 0, 0, tzinfo=UTC)
OPEN = """
    select rule_id, cell, value_found, value_expected, related_cells, record_key
    from quality.findings where submission_id = $1 and state = 'OPEN'"""
HEADER = (
    "Mã nhiệm vụ", "Tên nhiệm vụ", "Cơ quan chủ trì", "Thời hạn hoàn thành", "Trạng thái",
    "Tiến độ (%)", "Ngày hoàn thành", "Văn bản minh chứng",
)  # fmt: skip
SERVICES = (
    "Mã thủ tục", "Mức độ", "Từ ngày", "Đến ngày", "Tổng hồ sơ tiếp nhận", "Hồ sơ trực tuyến",
    "Hồ sơ trực tuyến toàn trình", "Đã giải quyết", "Giải quyết đúng hạn", "Giải quyết quá hạn",
)  # fmt: skip
BUILDERS = [
    function
    for name, function in inspect.getmembers(golden, inspect.isfunction)
    if list(inspect.signature(function).parameters) == ["path"] and not name.startswith("_")
]
NAMED = {"BCD", "BTC", "BYT", "BXD", "BNV"}
SENDERS = sorted(reporting_agencies(PROJECT_ROOT / "dbt_project" / "seeds") - NAMED)


class InThisProcess:
    """dbt as a check calls it, without the seconds that its own process takes to start."""

    def __init__(self, settings):
        self.settings = settings

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def build(self, *selection):
        chain.dbt(self.settings, *selection)


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(checking, "DbtProcess", InThisProcess)


def cover(agency, day=DAY):
    return (("Mã cơ quan", agency), ("Ngày báo cáo", day))


def task(code, lead="Bộ Tài chính", status="Đang thực hiện", percent=40, **more):
    end = (more.get("completed"), more.get("evidence"))
    return (code, f"Nhiệm vụ {code}", lead, "Quý IV/2025", status, percent, *end)


def codes(first):
    return [f"NQ71-{number:03d}" for number in range(first, first + 6)]


def faulty_tasks():
    """One fault a row; the last two are not registered for the sender."""
    first, second, third, fourth, *_ = codes(1)
    return (
        HEADER,
        task(first, percent=150),
        task(second, status="Hoàn thành", percent=60),
        task(third, completed=date(2025, 11, 30)),
        task(fourth, "Bộ Không Có", percent="khoảng 40"),
        task(first),
        task("NQ71-9999"),
        task(None),
    )


def faulty_services(code="1.000001"):
    long = (code, "Một phần", date(2025, 9, 1), date(2025, 10, 31), 100, "60?", None, 90, 80, 10)
    month = (date(2025, 8, 15), date(2025, 9, 14), 1, 1, 1, 1, 1, 0)
    return (
        SERVICES,
        (code, "Toàn trình", date(2025, 9, 15), date(2025, 10, 14), 100, 120, 60, 90, 80, 5),
        long,
        ("9.999999", "Toàn trình", *month),
        (None, "Toàn trình", *month),
    )


def register(settings):
    """What agencies are asked for, in one register."""
    leads = {1: "BTC", 11: "BXD", 21: "BNV", 31: "BYT"}
    tasks = [
        TASK | {"task_code": code, "title": f"Nhiệm vụ {code}", "lead_agency": lead}
        for first, lead in leads.items()
        for code in codes(first)
    ]
    services = [
        SERVICE | {"agency_code": "BTC"},
        SERVICE | {"agency_code": "BYT", "procedure_code": "1.000123"},
    ]
    dataset = {
        "list_source": "Nghị quyết 214/NQ-CP",
        "dataset_code": "CSDL-01",
        "dataset_name": "CSDL",
        "agency_code": "BYT",
        "records_expected": 10,
        "update_cycle_days": 30,
    }
    gdp = {"indicator_code": "GDP", "indicator_name": "GDP", "agency_code": "BYT", "unit": "%"}
    day = date(2025, 3, 15)
    rows = {"register_tasks": tasks, "register_services": services}
    rows |= {"register_datasets": [dataset], "register_indicators": [gdp]}
    send(settings, "BCD", "register-01", day, **rows)


def write_files(inbox):
    """Golden workbooks, those that say nothing of an agency each in a folder of its own."""
    for name in ("BTC", "BYT", "BXD", "BNV", *SENDERS[: len(BUILDERS)]):
        (inbox / name).mkdir()
    sheets = {"Nhiệm vụ": faulty_tasks(), "Dịch vụ công": faulty_services()}
    golden.workbook_of(inbox / "BTC" / "faults.xlsx", sheets, cover("BTC"))
    golden.workbook_of(inbox / "BYT" / "all_forms.xlsx", golden.SHEETS, cover("BYT"))
    whole = (HEADER, *(task(code, "Bộ Xây dựng") for code in codes(11)))
    golden.workbook_of(inbox / "BXD" / "1_whole.xlsx", {"Nhiệm vụ": whole}, cover("BXD"))
    golden.workbook_of(inbox / "BXD" / "2_fell.xlsx", {"Nhiệm vụ": whole[:4]}, cover("BXD"))
    done = {"status": "Hoàn thành", "percent": 100, "completed": BEFORE, "evidence": "x"}
    before = (HEADER, *(task(code, "Bộ Nội vụ", **done) for code in codes(21)))
    after = (HEADER, *(task(code, "Bộ Nội vụ", percent=20) for code in codes(21)[1:]))
    golden.workbook_of(inbox / "BNV" / "1.xlsx", {"Nhiệm vụ": before}, cover("BNV", BEFORE))
    twice = {"Nhiệm vụ": after, "Nhiệm vụ (2)": after}
    golden.workbook_of(inbox / "BNV" / "2.xlsx", twice, cover("BNV"))
    for sender, builder in zip(SENDERS, BUILDERS, strict=False):
        builder(inbox / sender / f"{builder.__name__}.xlsx")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Golden workbooks of several agencies and a register, run up to the findings."""
    root = tmp_path_factory.mktemp("checked") / "data"
    settings = Settings(root, real_input=root)
    register(settings)
    write_files(settings.inbox)
    channels = [
        {"agency_code": folder.name, "url": f"inbox/{folder.name}", "trust_sent_at": True}
        for folder in sorted(settings.inbox.iterdir())
    ]
    settings.channels.write_text(yaml.safe_dump(channels), encoding="utf-8")
    for number, path in enumerate(sorted(settings.inbox.rglob("*.xlsx"))):
        os.utime(path, (0, 1_760_000_000 + number))
    chain.intake(settings)
    chain.load(settings, DAY)
    chain.compute(settings, DAY)
    return settings


def found_by_run(database, agency, path, query=OPEN):
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    with warehouse.connect(database, read_only=True) as connection:
        return connection.execute(query, [submission_id(agency, sha256)]).fetchall()


def found_by_check(checked):
    return [
        (f.rule.rule_id, f.cell, f.value_found, f.value_expected, f.related_cells, f.record_key)
        for f in checked.findings
    ]


def assert_equal(settings, database, agency, name, at_least):
    """The same findings; and every repair of the reading can be said in words."""
    path = settings.inbox / agency / name
    checked = check(settings, path, agency, NOW)
    assert not checked.refusal
    assert not checked.held
    ran = {rule.rule_id for rule in checked.selection.rules}
    left_out = {rule.rule_id for rules in checked.selection.left_out.values() for rule in rules}
    of_run = found_by_run(database, agency, path)
    expected = [row for row in of_run if row[0] in ran]
    assert sorted(found_by_check(checked), key=repr) == sorted(expected, key=repr)
    assert at_least <= {row[0] for row in expected}
    assert {row[0] for row in of_run} <= ran | left_out
    for language in ("vi", "en"):
        assert {one.repair for one in checked.repairs} <= repair_labels(language).keys()


@pytest.mark.parametrize(
    ("agency", "name", "at_least"),
    [
        ("BTC", "faults.xlsx", {"TSK-COR-001", "TSK-CLN-010", "TSK-CLN-011", "TSK-CLN-012",
                                "TSK-CLN-007", "SVC-COR-001", "SVC-COR-006", "SVC-CLN-013"}),
        ("BYT", "all_forms.xlsx", {"TSK-CLN-011", "CMC-CLN-006", "IND-CLN-004"}),
        ("BNV", "2.xlsx", {"TSK-LIV-002", "TSK-LIV-003", "TSK-LIV-004", "TSK-CLN-017"}),
    ],
)  # fmt: skip
def test_the_findings_of_rules_that_ran_are_those_of_a_run(run, quick, agency, name, at_least):
    assert_equal(run, run.warehouse, agency, name, at_least)


@pytest.mark.parametrize(("agency", "at_least"), [("BKHCN", {"TSK-LIV-003"}), ("P01", set())])
def test_so_they_are_for_reports_of_the_sample(small_world, quick, agency, at_least):
    name = f"NQ57-01_{agency}_{DAY}.xlsx"
    assert_equal(small_world.settings, small_world.database, agency, name, at_least)


def test_what_a_run_would_hold_is_said_and_judged_all_the_same(run, quick):
    path = run.inbox / "BXD" / "2_fell.xlsx"
    status = "select status, reason_code from intermediate.int_submissions where submission_id = $1"
    assert found_by_run(run.warehouse, "BXD", path, status) == [("HELD", "rows_fell")]
    checked = check(run, path, "BXD", NOW)
    assert checked.held == (("tasks", "rows_fell"),)
    assert len([f for f in checked.findings if f.rule.rule_id == "TSK-SUF-010"]) > 1
    assert not checked.is_clean


@pytest.mark.parametrize("builder", BUILDERS, ids=lambda builder: builder.__name__)
def test_a_file_is_refused_for_the_reason_that_a_run_gives(run, monkeypatch, builder):
    """Or it is read, and would be held for its cover: then dbt need not be waited for."""
    ask = checking.ask
    monkeypatch.setattr(checking, "_judged", lambda bench, *_: ask(bench.settings, bench.receipt))
    sender = SENDERS[BUILDERS.index(builder)]
    [path] = (run.inbox / sender).iterdir()
    query = "select reason_code, detail from raw.readings where submission_id = $1"
    [(reason, detail)] = found_by_run(run.warehouse, sender, path, query)
    checked = check(run, path, sender, NOW)
    assert checked.refusal == ((reason, detail) if reason else None)
    if reason:
        said = "\n".join(map(str, lines(checked, run.seeds, "en", 1)))
        assert "refused" in said
        assert f"refused: {reason}" not in said  # but its sentence


def test_nothing_is_written_to_the_data_root_and_nothing_remains(run, quick, tmp_path, monkeypatch):
    """Also while a run goes on; the agency is the one that the cover names."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with warehouse.lock(run, "a run that goes on"):
        before = state(run.data_root)
        path = run.inbox / "BNV" / "1.xlsx"
        assert check(run, path, None, NOW).agency_code == "BNV"
        assert state(run.data_root) == before
    assert [path for path in tmp_path.iterdir() if path.name.startswith("nq57")] == []


def state(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_without_a_register_what_needs_none_is_checked(quick, settings, tmp_path):
    path = golden.workbook_of(
        tmp_path / "BTC.xlsx",
        {"Nhiệm vụ": faulty_tasks()},
        cover("BTC"),
    )
    checked = check(settings, path, None, NOW)
    assert checked.agency_code == "BTC"
    assert not checked.has_register
    found = {(f.rule.rule_id, f.cell) for f in checked.findings}
    assert {("TSK-COR-001", "F2"), ("TSK-CLN-010", "A6"), ("TSK-CLN-012", "A8")} <= found
    left_out = {r.rule_id for r in checked.selection.left_out["register"]}
    assert {"TSK-CLN-011", "TSK-SUF-010", "TSK-COR-011"} <= left_out
    assert not left_out & {rule_id for rule_id, _ in found}
    for language, word in (("vi", "Chưa có danh mục"), ("en", "No register is at hand")):
        said = "\n".join(map(str, lines(checked, settings.seeds, language, 1)))
        assert word in said
        for finding in checked.findings:
            assert getattr(finding.rule, f"sentence_{language}") in said
            assert getattr(finding.rule, f"how_to_fix_{language}") in said
            # In words once, at the cell of each fault by its name.
            rule = finding.rule
            assert said.count(f"{rule.rule_id}: {getattr(rule, f'sentence_{language}')}") == 1
            assert said.count(rule.rule_id) == [f.rule for f in checked.findings].count(rule)
    assert not settings.data_root.exists()


def test_a_clean_file_has_nothing_to_mend(quick, settings, tmp_path):
    row = ("NQ71-001", "Nhiệm vụ", "Bộ Tài chính", "Quý IV/2025", "Đang thực hiện", 40)
    more = {"Ngày giao": date(2025, 3, 1), "Ngày bắt đầu": date(2025, 4, 1), "Sản phẩm": "Báo cáo",
            "Người phụ trách": "Vụ trưởng"}  # fmt: skip
    rows = ((*HEADER[:6], *more), (*row, *more.values()))
    path = golden.workbook_of(tmp_path / "BTC.xlsx", {"Nhiệm vụ": rows}, cover("BTC"))
    checked = check(settings, path, "BTC", NOW)
    assert checked.findings == ()
    assert checked.is_clean


def test_a_file_over_the_limit_is_not_even_opened(settings, tmp_path):
    path = tmp_path / "large.xlsx"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert check(settings, path, "BTC", NOW).refusal[0] == "too_large"


def test_the_command_in_a_process_of_its_own(run):
    """As an agency calls it: its exit code, what it prints, and how long it takes."""
    path = run.inbox / "BTC" / "faults.xlsx"
    script = (
        "import sys, time; from pipelines.cli import main; started = time.monotonic()\n"
        "try: main()\n"
        "finally: print('dagster' in sys.modules, round(time.monotonic() - started))"
    )
    call = command(run.data_root)
    call["args"] = [sys.executable, "-c", script, "check", str(path), "--language", "en"]
    ended = subprocess.run(**call, capture_output=True, check=False)
    assert ended.returncode == 1, ended.stderr
    assert "F2" in ended.stdout
    assert "found: 150" in ended.stdout
    assert "Rule TSK-COR-001: Progress lies between 0 and 100 %." in ended.stdout
    assert "To mend: Enter a number from 0 to 100." in ended.stdout
    assert "Not run: needs reports of other agencies" in ended.stdout
    has_dagster, seconds = ended.stdout.split("\n")[-2].split()
    assert has_dagster == "False"
    # 30 alone on two cores; here another process tests beside it
    assert int(seconds) < (60 if os.environ.get("PYTEST_XDIST_WORKER") else 30)


def test_a_wrong_agency_is_a_wrong_command(settings, tmp_path, monkeypatch):
    from click.testing import CliRunner

    monkeypatch.setenv("NQ57_DATA", str(settings.data_root))
    path = golden.workbook(tmp_path / "a.xlsx")
    assert CliRunner().invoke(main, ["check", str(path), "--agency", "NOBODY"]).exit_code == 2
    assert CliRunner().invoke(main, ["check", str(tmp_path / "none.xlsx")]).exit_code == 2
    nameless = golden.workbook(tmp_path / "b.xlsx", cover=golden.COVER[1:])
    result = CliRunner().invoke(main, ["check", str(nameless)])
    assert result.exit_code == 2
    assert "--agency" in result.output
    bomb = golden.zip_bomb(tmp_path / "c.xlsx")
    assert CliRunner().invoke(main, ["check", str(bomb)]).exit_code == 1
