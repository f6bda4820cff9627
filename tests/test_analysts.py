"""What an analyst gets: a dictionary, macros whose examples run, a notebook that answers."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
import yaml
from made_warehouse import (
    FIRST,
    LAST,
    MIDDLE,
    Size,
    make_warehouse,
    reporting_agencies,
    seed_rows,
)

from pipelines import frozen, publication, release
from pipelines.macros import SOURCE, read_macros
from pipelines.report.dictionary import write_dictionary
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.tracing import trace

MACROS = read_macros()
QUESTIONS = [(macro.name, question) for macro in MACROS for question in macro.questions]
NOTEBOOK = PROJECT_ROOT / "docs" / "five_questions.py"


def publish(folder: Path, size: Size) -> release.Release:
    settings = Settings(data_root=folder / "data", real_input=folder)
    make_warehouse(settings.warehouse, size)
    return release.publish(settings, LAST)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> release.Release:
    """A country of all 56 agencies."""
    size = Size(300, (FIRST, MIDDLE, LAST), reporting_agencies())
    return publish(tmp_path_factory.mktemp("analysts"), size)


@pytest.fixture(scope="module")
def file(published: release.Release) -> duckdb.DuckDBPyConnection:
    """The published file as an analyst opens it."""
    return duckdb.connect(str(published.database), read_only=True)


@pytest.fixture(scope="module")
def dictionary(published: release.Release) -> str:
    return (published.path / publication.DICTIONARY).read_text(encoding="utf-8")


def ask(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    return connection.execute(query).fetchall()


class TestMacros:
    def test_every_statement_is_read(self):
        statements = SOURCE.read_text(encoding="utf-8").count(";\n")
        assert len(MACROS) + len(QUESTIONS) == statements

    def test_every_macro_has_an_example_but_the_helper_of_the_others(self):
        assert [macro.name for macro in MACROS if not macro.questions] == ["marts.known_day"]
        for macro in MACROS:
            for question in macro.questions:
                assert f"{macro.name}(" in question.sql

    @pytest.mark.parametrize(
        ("name", "question"), QUESTIONS, ids=lambda one: getattr(one, "text_en", one)
    )
    def test_examples_run(self, file, name, question):
        rows = ask(file, question.sql)
        # The one finding of the hand-made world is another agency's.
        assert rows or name == "marts.findings_of"

    def test_they_are_called_by_name_and_from_an_attached_file(self, published):
        with duckdb.connect() as connection:
            connection.execute(f"attach '{published.database}' as nq57 (read_only); use nq57")
            by_name = ask(connection, "from marts.overdue_on(day := date '2025-10-28')")
            assert by_name == ask(connection, "from marts.overdue_on('2025-10-28')")

    def test_a_day_that_nobody_knows_is_named(self, file):
        with pytest.raises(duckdb.Error, match="Nothing is known of 2024-01-01"):
            ask(file, "from marts.overdue_on('2024-01-01')")

    def test_a_window_counts_what_the_measures_count(self, file):
        macro = ask(
            file,
            """select count_if(is_assigned), count_if(is_completed)
            from marts.tasks_between('2025-07-20', '2025-10-28')""",
        )
        measures = ask(
            file,
            """select value from marts.fct_measures
            where as_of_date = '2025-10-28' and agency_code = 'all' and programme_scope = ''
                and measure in ('tasks_assigned_in_window', 'tasks_completed_in_window')
            order by measure""",
        )
        assert [float(count) for count in macro[0]] == [value for (value,) in measures]

    @pytest.mark.parametrize("who", ["all", "central", "provinces", "BKHCN", "P01"])
    def test_the_online_share_is_that_of_the_measures(self, file, who):
        macro = ask(
            file,
            f"""select dossiers_fully_online, dossiers_received, online_share
            from marts.online_share('{who}', '2024-12-15', '2025-10-28')""",
        )
        measure = ask(
            file,
            f"""select numerator, denominator, value from marts.fct_measures
            where measure = 'online_dossier_share' and as_of_date = '2025-10-28'
                and agency_code = '{who}'""",
        )
        assert macro == measure

    def test_figures_lead_to_the_cells_that_the_trace_names(self, file, published):
        figures = ask(
            file,
            """select figure_id from marts.reconciliation
            where verdict != 'NOT_COMPUTABLE' order by figure_id""",
        )
        assert len(figures) > 15
        for (figure,) in figures:
            cells = ask(
                file,
                f"select file_name, sheet_name, cell from marts.figure_cells('{figure}')",
            )
            traced = trace.trace_figure(published.database, figure).cells
            found = {(one.file_name, one.sheet_name, one.cell) for one in traced if one.cell}
            assert cells, figure
            assert set(cells) == found, figure

    def test_made_again_they_are_the_same(self, published, tmp_path):
        macros = """
            select function_name, parameters, macro_definition, comment from duckdb_functions()
            where schema_name = 'marts' order by function_name"""
        with duckdb.connect(str(published.database), read_only=True) as connection:
            first = ask(connection, macros)
        again = publish(tmp_path, Size())
        with duckdb.connect(str(again.database), read_only=True) as connection:
            assert ask(connection, macros) == first
        assert len(first) == len(MACROS)
        assert all(comment.startswith(f"[{publication.NOTICE}] ") for *_, comment in first)


def test_examples_give_rows_on_the_sample(small_world):
    with duckdb.connect(str(small_world.database), read_only=True) as connection:
        for name, question in QUESTIONS:
            assert ask(connection, question.sql), f"{name}: {question.text_en}"


def test_figures_of_every_form_lead_to_cells_on_the_sample(small_world):
    with duckdb.connect(str(small_world.database), read_only=True) as connection:
        figures = ask(
            connection,
            "select figure_id from marts.reconciliation where verdict != 'NOT_COMPUTABLE'",
        )
        for (figure,) in figures:
            cells = ask(connection, f"select file_name, cell from marts.figure_cells('{figure}')")
            traced = trace.trace_figure(small_world.database, figure).cells
            assert set(cells) == {(one.file_name, one.cell) for one in traced if one.cell}, figure


class Page(HTMLParser):
    """Identifiers, links and tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.add(tag)
        self.ids += [values["id"] or ""] if "id" in values else []
        self.links += [values["href"] or ""] if "href" in values else []


class TestDictionary:
    def test_every_table_and_column_is_there(self, file, dictionary):
        for schema, table in ask(file, "select schema_name, table_name from duckdb_tables()"):
            assert f'<h3 id="{schema}.{table}">' in dictionary
        for (column,) in ask(
            file, "select distinct column_name from duckdb_columns() where not internal"
        ):
            assert f'<span class="code">{column}</span>' in dictionary

    def test_macros_questions_and_measures_are_there(self, file, dictionary):
        for name, question in QUESTIONS:
            assert f'<h3 id="{name}">' in dictionary
            assert question.text_en.replace("'", "&#39;") in dictionary
        for (measure,) in ask(file, "select measure from marts.dim_measures"):
            assert f'id="measure-{measure}"' in dictionary

    def test_codes_stand_below_their_column(self, dictionary):
        assert "Đã có bản mới thay" in dictionary
        assert re.search(r"IN_PROGRESS_LATE</span> Đang thực hiện, quá hạn", dictionary)

    def test_it_needs_nothing_else_and_links_lead_somewhere(self, dictionary):
        page = Page(dictionary)
        assert not page.tags & {"script", "link", "img", "iframe"}
        assert len(page.ids) == len(set(page.ids))
        inner = {link[1:] for link in page.links if link.startswith("#")}
        assert inner <= set(page.ids)
        assert {link for link in page.links if not link.startswith("#")} == {
            "index.html",
            "nq57.duckdb",
            "parquet/",
        }

    def test_invented_data_say_so_and_comments_do_not_repeat_it(self, dictionary):
        assert dictionary.count("INVENTED DATA") == 1

    def test_it_belongs_to_the_release(self, published, dictionary):
        manifest = frozen.read_manifest(published.path)
        assert publication.DICTIONARY in manifest["files"]
        assert frozen.check_release(published.path) == []

    def test_it_is_quick_and_the_same_every_time(self, published, dictionary, tmp_path):
        begun = time.perf_counter()
        seeds = PROJECT_ROOT / "dbt_project" / "seeds"
        write_dictionary(published.database, seeds, tmp_path / "again.html")
        assert time.perf_counter() - begun < 1
        assert (tmp_path / "again.html").read_text(encoding="utf-8") == dictionary


def accepted_codes() -> set[tuple[str, str, str]]:
    """Codes that the published models accept: table, column, code."""
    return {
        (model["name"], column["name"], str(code))
        for folder in ("marts", "quality")
        for path in (PROJECT_ROOT / "dbt_project" / "models" / folder).glob("*.yml")
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
        for column in model.get("columns", [])
        for test in column.get("data_tests", [])
        if isinstance(test, dict) and "accepted_values" in test
        for code in test["accepted_values"]["arguments"]["values"]
    }


def test_every_code_that_models_accept_has_a_name():
    named = {(row["list"], row["code"]) for row in seed_rows("codes")}
    named |= {(row["list"], row["code"]) for row in seed_rows("words") if row["is_label"] == "true"}
    named |= {("dimension", row["dimension"]) for row in seed_rows("quality_dimensions")}
    named |= {(name, row["form"]) for name in ("form", "subject") for row in seed_rows("forms")}
    lists = {name for name, _ in named}
    for table, column, code in sorted(accepted_codes()):
        own = f"{table}.{column}"
        name = own if own in lists else "task_status" if column == "status" else column
        assert (name, code) in named, f"{own}: {code}"


def test_labels_are_in_both_languages():
    with (PROJECT_ROOT / "dbt_project/seeds/codes.csv").open(encoding="utf-8") as seed:
        for row in csv.DictReader(seed):
            assert row["label_vi"], row
            assert row["label_en"], row


def answers_of_the_guide(path: Path) -> list[tuple[str, list[tuple]]]:
    """The queries of the guide, each with its rows, on a published folder."""
    guide = (PROJECT_ROOT / "docs" / "analysts.md").read_text(encoding="utf-8")
    queries = re.findall(r"```sql\n(.*?)```", guide, re.DOTALL)
    with duckdb.connect() as connection:
        return [
            (query, ask(connection, query.replace("data/published", str(path))))
            for query in queries
        ]


def test_the_guide_asks_what_can_be_answered(published):
    guide = (PROJECT_ROOT / "docs" / "analysts.md").read_text(encoding="utf-8")
    answers = answers_of_the_guide(published.path)
    assert len(answers) >= 9
    for query, rows in answers:
        assert rows or query.startswith("attach"), query
    assert {macro.name for macro in MACROS} - set(re.findall(r"marts\.\w+", guide)) == {
        "marts.known_day"
    }


def test_the_guide_is_answered_on_the_small_sample(small_world):
    # Three agencies need not overrate a database, nor have a task that falls overdue.
    for query, rows in answers_of_the_guide(small_world.settings.published):
        assert rows or query.startswith(("attach", "--")), query


def test_the_guide_is_answered_on_the_sample(full_world):
    answers = answers_of_the_guide(full_world.settings.published)
    for query, rows in answers:
        assert rows or query.startswith("attach"), query
    # The guide says in words how many tasks fall overdue and how many databases overrate.
    counts = [len(rows) for query, rows in answers if query.startswith("--")]
    assert counts == [19, 15]


def test_the_notebook_answers_five_questions(published):
    call = [sys.executable, str(NOTEBOOK), "--", "--database", str(published.database)]
    done = subprocess.run(call, capture_output=True, text=True, check=False, cwd=PROJECT_ROOT)
    assert done.returncode == 0, done.stderr
    answers = re.findall(r"INVENTED DATA\. (\d)\. (.+)", done.stdout)
    assert [number for number, _ in answers] == ["1", "2", "3", "4", "5"]
    assert not [text for _, text in answers if re.search(r"None|nan|no services|nobody", text)]


def test_the_notebook_finds_the_data_root(published):
    root = published.path.parent.parent
    environment = {**os.environ, "NQ57_DATA": str(root)}
    done = subprocess.run(
        [sys.executable, str(NOTEBOOK)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
