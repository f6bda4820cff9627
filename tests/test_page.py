"""The page: what it says, that it needs nothing else, that no text of an agency gets through."""

from __future__ import annotations

import re
import shutil
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from made_warehouse import HOSTILE, LAST, Size, every_day, make_warehouse, reporting_agencies

from pipelines import release
from pipelines.report.chart import trend
from pipelines.report.page import write_page
from pipelines.settings import Settings


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
    write_page(database, database.with_name("index.html"))
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
    assert not {tag for tag, _ in seen} & {"script", "link", "img", "iframe", "object", "form"}
    targets = [attrs.get("href") or "" for _, attrs in seen if "href" in attrs]
    assert not [target for target in targets if "//" in target]
    assert "@import" not in page
    assert "url(" not in page.split("</style>", maxsplit=1)[0]


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
    section = html.split('id="league"')[1].split('id="sent"')[0]
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
    assert len(definitions) == 16
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
                "quality.scores",
                "quality.rule_results",
            )
        ),
    )
    text = text_of(html)
    assert "No task is registered yet" in text
    assert "No task is overdue" in text
    tags(html)


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


def test_chart_of_one_day() -> None:
    rows = [{"as_of_date": date(2025, 9, 1), "measure": "tasks_in_progress", "value": 2.0}]
    assert "Đang thực hiện 2" in trend(rows)
