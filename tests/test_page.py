"""The page: what it says, that it needs nothing else, that no text of an agency gets through."""

from __future__ import annotations

import re
import shutil
from base64 import b64encode
from datetime import UTC, date, datetime
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from made_warehouse import HOSTILE, LAST, Size, every_day, make_warehouse, reporting_agencies

from pipelines import release
from pipelines.report.chart import shares, trend
from pipelines.report.page import write_page
from pipelines.settings import Settings

PUBLISHED_AT = datetime(2025, 10, 28, 23, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> release.Release:
    """A country of all 56 agencies with more than 25 tasks overdue."""
    folder = tmp_path_factory.mktemp("page")
    settings = Settings(data_root=folder / "data", real_input=folder)
    days = tuple(day for day in every_day(LAST) if day.day in {20, 23, 28})
    make_warehouse(settings.warehouse, Size(300, days, reporting_agencies()))
    return release.publish(settings, LAST)


@pytest.fixture(scope="module")
def page(published: release.Release) -> str:
    return published.page.read_text(encoding="utf-8")


@pytest.fixture
def database(published: release.Release, tmp_path: Path) -> Path:
    """A copy to change."""
    return Path(shutil.copy(published.database, tmp_path / "nq57.duckdb"))


def rewritten(database: Path, *statements: str) -> str:
    with duckdb.connect(str(database)) as connection:
        for statement in statements:
            connection.execute(statement)
    write_page(database, database.with_name("index.html"), PUBLISHED_AT)
    return database.with_name("index.html").read_text(encoding="utf-8")


def text_of(html: str) -> str:
    body = html.split("</style>")[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


class Tags(HTMLParser):
    """Open tags that are never closed, and every tag with its attributes."""

    VOID = frozenset({"meta", "br", "img", "link", "hr", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(html)
    assert parser.open == []
    return parser.seen


def test_needs_nothing_else(page: str) -> None:
    seen = tags(page)
    assert not {tag for tag, _ in seen} & {"link", "img", "iframe", "object", "form"}
    assert [attrs for tag, attrs in seen if tag == "script"] == [{}]
    targets = [attrs.get("href") or "" for _, attrs in seen if "href" in attrs]
    assert not [target for target in targets if "//" in target]
    assert "@import" not in page
    assert "url(" not in page.split("</style>", maxsplit=1)[0]


def test_the_only_script_is_named_by_its_hash(page: str) -> None:
    """A browser runs the script of the banner, and none that a text could bring."""
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    (allowed,) = re.findall(r"script-src '(sha256-[^']+)'", page)
    assert allowed == "sha256-" + b64encode(sha256(script.encode()).digest()).decode()
    assert not re.search(r"fetch|XMLHttp|import|https?:", script)


def test_every_link_inside_has_a_target(page: str) -> None:
    seen = tags(page)
    ids = {attrs["id"] for _, attrs in seen if "id" in attrs}
    links = {attrs["href"] for tag, attrs in seen if tag == "a" and attrs.get("href")}
    assert {link[1:] for link in links if link and link.startswith("#")} <= ids
    assert len(ids) > 10


def test_texts_of_agencies_are_escaped(page: str) -> None:
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in page


@pytest.mark.parametrize(
    "statement",
    [
        "update marts.dim_tasks set title = $hostile",
        "update marts.dim_agencies set name_vi = $hostile, name_en = $hostile",
        "update marts.fct_tasks set obstacles = $hostile",
        "update marts.fct_submissions set file_name = $hostile, reason_vi = $hostile",
        "update marts.dim_programmes set legal_basis = $hostile",
        "update marts.reconciliation set source = $hostile, explanation_vi = $hostile",
        "update quality.rules set sentence_vi = $hostile, rule_id = rule_id",
        "update marts.dim_measures set definition_vi = $hostile, definition_en = $hostile",
        "update marts.dim_datasets set dataset_name = $hostile",
        "update marts.bridge_dataset_lists set list_source = $hostile",
        "update marts.dim_indicators set indicator_name = $hostile",
        "update marts.fct_indicators set unit = $hostile",
        "update marts.fct_indicators set source = $hostile",
        "update marts.dim_labels set label_vi = $hostile",
        "update quality.rules set form = $hostile",
        "update marts.fct_submissions set form = $hostile",
    ],
)
def test_no_text_gets_through(database: Path, statement: str) -> None:
    hostile = '"><img src=x onerror=alert(1)>'
    html = rewritten(database, statement.replace("$hostile", f"'{hostile}'"))
    assert "img" not in {tag for tag, _ in tags(html)}
    assert "onerror=alert(1)&gt;" in html


def test_says_which_day_and_release(page: str, published: release.Release) -> None:
    text = text_of(page)
    assert published.release_id in text
    assert "28/10/2025" in text
    assert "PROVISIONAL" in text
    assert "INVENTED DATA" in text


def test_real_data_have_no_band(database: Path) -> None:
    html = rewritten(database, "update history.releases set is_invented = false")
    assert "INVENTED" not in html
    assert "(SAMPLE)" not in html


def test_a_match_on_invented_data_says_so(database: Path) -> None:
    html = rewritten(database, "update marts.reconciliation set verdict = 'MATCH'")
    assert "MATCH (SAMPLE)" in html


def test_standing_shows_the_published_numbers(page: str, published: release.Release) -> None:
    with duckdb.connect(str(published.database), read_only=True) as connection:
        ((overdue,),) = connection.execute(
            "select value from marts.fct_measures where as_of_date = $1 and agency_code = 'all' "
            "and measure = 'tasks_overdue' and programme_scope = 'NQ71+KL'",
            [LAST],
        ).fetchall()
    assert f'<p class="late"><strong>{overdue:.0f}</strong>' in page


def test_late_list_is_whole_and_most_late_first(page: str, published: release.Release) -> None:
    with duckdb.connect(str(published.database), read_only=True) as connection:
        expected = connection.execute(
            "select task_code from marts.fct_tasks where as_of_date = $1 and is_overdue "
            "order by days_overdue desc, task_code",
            [LAST],
        ).fetchall()
    section = page.split('id="late"')[1].split('id="league"', maxsplit=1)[0]
    assert len(expected) > 25
    assert re.findall(r"(?:NQ71|KH02)-\d{3}", section) == [code for (code,) in expected]
    assert section.index("<details>") > section.index(expected[24][0])


def test_league_tables_have_all_agencies_and_ties(database: Path) -> None:
    html = rewritten(
        database,
        "update marts.agency_scorecards set rank_in_peer_group = 1 "
        "where agency_code in ('P01', 'P04') ",
        "update marts.agency_scorecards set rank_in_peer_group = null, "
        "on_time_share_of_due = null where agency_code = 'P08'",
    )
    section = html.split('id="league"')[1].split('id="services"')[0]
    assert section.count("<tr>") == 2 + 56
    assert "1=" in section
    last = section.rsplit("<tr>", 1)[1]
    assert "Tuyên Quang" in last


def test_names_who_did_not_send_and_why(page: str) -> None:
    section = text_of("</style>" + page.split('id="sent"')[1].split('id="trust"', maxsplit=1)[0])
    assert "Bộ Tài chính" in section
    assert "Bìa ghi tên cơ quan khác" in section
    assert "awaiting a decision" in section
    assert "Gửi muộn Late 1 Thành phố Hà Nội" in section


def test_each_measure_is_defined(page: str, published: release.Release) -> None:
    with duckdb.connect(str(published.database), read_only=True) as connection:
        definitions = connection.execute(
            "select definition_vi, definition_en from marts.dim_measures"
        ).fetchall()
    text = text_of(page)
    assert len(definitions) > 40
    assert all(vi in text and en in text.replace("&#39;", "'") for vi, en in definitions)


def test_a_country_without_anything(database: Path) -> None:
    html = rewritten(
        database,
        *(
            f"delete from {table}"
            for table in (
                "marts.fct_tasks",
                "marts.fct_measures",
                "marts.fct_submissions",
                "marts.agency_scorecards",
                "marts.reconciliation",
                "marts.control_totals",
                "quality.scores",
                "quality.rule_results",
            )
        ),
    )
    text = text_of(html)
    assert "No task is registered yet" in text
    assert "No task is overdue" in text
    tags(html)


ROW_FORMS = (
    "marts.fct_services",
    "marts.fct_service_outlook",
    "marts.dim_services",
    "marts.fct_datasets",
    "marts.dim_datasets",
    "marts.bridge_dataset_lists",
    "marts.fct_indicators",
    "marts.dim_indicators",
    "marts.fct_commune_criteria",
    "marts.commune_coverage",
    "marts.dim_communes",
    "marts.dim_criteria",
)


def test_a_country_with_tasks_only(database: Path) -> None:
    html = rewritten(
        database,
        "delete from marts.fct_measures where measure not in "
        "(select measure from marts.dim_measures where form = 'tasks')",
        *(f"delete from {table}" for table in ROW_FORMS),
    )
    text = text_of(html)
    tags(html)
    assert "No report of services of this administrative year has been received yet" in text
    assert "No database is registered yet" in text
    assert "No indicator is registered yet" in text
    assert "No commune is registered yet" in text
    assert "Tasks assigned" in text


def test_registered_but_never_reported(database: Path) -> None:
    html = rewritten(database, "delete from marts.fct_datasets", "delete from marts.fct_indicators")
    assert "0/3 chỉ tiêu có số liệu" in text_of(html)
    assert "3 chỉ tiêu chưa có số liệu" in text_of(html)
    tags(html)


def section(html: str, first: str, last: str) -> str:
    return text_of("</style>" + html[html.index(f'id="{first}"') : html.index(f'id="{last}"')])


def test_services_show_the_official_share_and_its_parts(
    page: str, published: release.Release
) -> None:
    with duckdb.connect(str(published.database), read_only=True) as connection:
        figures = connection.execute(
            "select value, numerator, denominator from marts.fct_measures where as_of_date = $1 "
            "and measure = 'online_dossier_share' "
            "and agency_code in ('all', 'central', 'provinces')",
            [LAST],
        ).fetchall()
    text = section(page, "services", "datasets")
    assert len(figures) == 3
    for value, online, received in figures:
        assert f"{value * 100:.2f} %".replace(".", ",") in text
        assert f"{online:,} / {received:,} hồ sơ".replace(",", ".") in text
    assert text.count("Ministries") == 3
    assert "… 24 cơ quan ở giữa" in text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("is_reachable = false", "Out of reach: even 100 % in the 2 remaining months"),
        (
            "is_reachable = true, needed_share = 0.9123",
            "each of the 2 remaining months must reach 91,2 %",
        ),
        (
            "projected_share = null",
            "No projection: it takes six months or more, each reported on its own.",
        ),
        ("backtest_count = 4", "2 of 4 fell inside"),
        ("remaining_periods = 0, is_reachable = false", "the target was missed"),
    ],
)
def test_the_way_to_the_target(database: Path, change: str, sentence: str) -> None:
    html = rewritten(database, f"update marts.fct_service_outlook set {change}")
    assert sentence in section(html, "services", "datasets")


def test_lists_of_databases_stand_side_by_side(database: Path) -> None:
    text = section(rewritten(database), "datasets", "indicators")
    assert "QĐ 1 112 112" in text
    assert "QĐ 2 56 56" in text
    assert re.search(r"All lists, each database once 112 112", text)
    assert "Đúng Correct 112 95,0 80,5 14,5" in text


def test_indicators_are_read_aloud_with_their_target(page: str) -> None:
    text = section(page, "indicators", "communes")
    assert "2,7 nghìn tỷ đồng 25/10/2025 ≥ 3 nghìn tỷ đồng đến 31/12/2025 đạt met" in text
    assert "72 % 25/10/2025 ≥ 80 % đến 31/12/2025 8 điểm %" in text


def test_communes_of_the_nation_and_of_every_province(page: str) -> None:
    text = section(page, "communes", "sent")
    assert "The nation 136 136 100,0" in text
    assert text.count(" 4 4 100,0") == 34


def test_trust_by_subject_and_dimension(database: Path) -> None:
    html = rewritten(
        database,
        "insert into quality.scores select * replace ('datasets' as subject, 0 as score, "
        "'NOT_SUBMITTED' as state, null as band) from quality.scores where subject = 'tasks'",
    )
    text = section(html, "trust", "reconciliation")
    assert "Nhiệm vụ Tasks 90,0 80,0 95,5 70,2 83,9 0 56 0 0" in text
    assert "Datasets 0,0 0,0 0,0 0,0 0,0 0 0 0 56" in text


def test_figures_are_shown_in_their_unit_and_by_name(database: Path) -> None:
    html = rewritten(
        database,
        "update marts.reconciliation set computed_value = 39.976, computed_operator = '=', "
        "verdict = 'MATCH' where figure_id = 'F025'",
        "update marts.reconciliation set source = 'INVENTED for the sample' "
        "where figure_id = 'F026'",
        "update marts.dim_indicators set indicator_code = 'DIGITAL_INDUSTRY_REVENUE' "
        "where indicator_code = 'CT.1'",
    )
    text = section(html, "reconciliation", "definitions")
    assert "39,98 % 39,98 % MATCH (SAMPLE)" in text
    assert "Địa phương · đến 26/10/2025" in text
    assert "số giả định · Bộ, ngành Trung ương · đến 26/10/2025 · INVENTED for" in text
    assert "Chỉ tiêu giả định 1 indicator:digital_industry_revenue" in text
    assert "&gt; 3,2 triệu tỷ đồng" in text
    assert len(re.findall(r"F0\d\d ", text)) >= 79


def test_numbers_are_written_the_vietnamese_way(database: Path) -> None:
    html = rewritten(
        database,
        "update marts.agency_scorecards set quality_score = 83.25, tasks_due = 1234 "
        "where agency_code = 'BKHCN'",
    )
    row = next(row for row in html.split("<tr>") if "Bộ Khoa học và Công nghệ" in row)
    assert '<td class="n">1.234</td>' in row
    assert re.search(r">83,[23]<", row)


def test_chart_labels_do_not_touch() -> None:
    counts = {
        "tasks_completed": 3.0,
        "tasks_completed_on_time": 2.0,
        "tasks_in_progress": 700.0,
        "tasks_overdue": 1.0,
    }
    rows = [
        {"as_of_date": date(2025, 9, day), "measure": name, "value": value}
        for day in (1, 2)
        for name, value in counts.items()
    ]
    svg = trend(rows)
    found = re.findall(
        r'translate\(\d+(?:\.\d+)?,(-?\d+(?:\.\d+)?)\)"[^>]*>([^<]+ \d+)</text>', svg
    )
    heights = sorted(float(y) for y, text in found if not text[0].isdigit())
    assert len(heights) == 4
    assert all(lower - upper > 14 for upper, lower in pairwise(heights))


def test_chart_of_shares_says_where_it_ends() -> None:
    months = [
        {"month_end": date(2025, month, 14), "agency_code": group, "value": value}
        for month in (1, 2)
        for group, value in (("all", 0.4), ("central", 0.405), ("provinces", 0.17))
    ]
    alone = shares(months, [], 0.8)
    year_end = {"month_end": date(2025, 12, 14), "low": 0.38, "value": 0.42, "high": 0.46}
    projected = shares(months, [year_end], 0.8)
    for svg in (alone, projected):
        assert {"Cả nước 40,0 %", "Bộ, ngành 40,5 %", "Địa phương 17,0 %", "Mục tiêu 80 %"} <= set(
            re.findall(r">([^<]+ %)</text>", svg)
        )
    assert "stroke-dasharray" in projected
    assert "stroke-dasharray" not in alone


def test_chart_of_one_day() -> None:
    rows = [{"as_of_date": date(2025, 9, 1), "measure": "tasks_in_progress", "value": 2.0}]
    assert "Đang thực hiện 2" in trend(rows)
