"""Two descriptions of one thing say the same; files only, nothing is run."""

import ast
import csv
import re

import pytest
import yaml

from pipelines.cli import main
from pipelines.quality.register import load_rules, load_suites
from pipelines.settings import PROJECT_ROOT
from pipelines.workbook.template import load_templates

MODULES = sorted((PROJECT_ROOT / "pipelines").rglob("*.py"))
DBT = PROJECT_ROOT / "dbt_project"
MODELS = sorted((DBT / "models").rglob("*.sql"))
EXPECTATIONS = PROJECT_ROOT / "expectations"
QUERIES = [*MODELS, *sorted((DBT / "tests").rglob("*.sql")), *sorted(EXPECTATIONS.rglob("*.sql"))]
README = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
ALLOWED = {
    "dagster": ("pipelines/defs/", "pipelines/definitions.py"),
    "dagster_dbt": ("pipelines/defs/", "pipelines/definitions.py"),
    "great_expectations": ("pipelines/quality/engine.py",),
    "pandas": (),
}


def name(path):
    return path.relative_to(PROJECT_ROOT).as_posix()


def imported(path):
    """Packages and project modules that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_libraries_are_imported_only_where_they_belong(path):
    for module in imported(path):
        allowed = ALLOWED.get(module.partition(".")[0])
        assert allowed is None or name(path).startswith(allowed), f"{module} in {name(path)}"


@pytest.mark.parametrize("path", sorted((PROJECT_ROOT / "pipelines/defs").glob("*.py")), ids=name)
def test_dagster_modules_know_of_each_other_only_the_resources(path):
    others = {module for module in imported(path) if module.startswith("pipelines.defs")}
    assert others <= {"pipelines.defs.resources"}


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_the_environment_is_read_in_one_place(path):
    text = path.read_text(encoding="utf-8")
    assert name(path) == "pipelines/settings.py" or not re.search(r"os\.environ|getenv", text)


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_says_what_belongs_in_it_and_stays_readable(path):
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "no docstring"
    assert len(text.splitlines()) <= 300
    assert path.stem not in {"utils", "common", "helpers", "base"}


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_function_has_at_most_40_lines(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            documented = ast.get_docstring(node, clean=False) or ""
            lines = (node.end_lineno or 0) - node.lineno + 1 - len(documented.splitlines())
            assert lines <= 40, f"{node.name}: {lines} lines"


@pytest.mark.parametrize(
    "path",
    [*MODELS, *sorted((DBT / "tests").rglob("*.sql")), *EXPECTATIONS.rglob("*.sql")],
    ids=name,
)
def test_no_figure_depends_on_the_clock(path):
    text = re.sub(r"--.*", "", path.read_text(encoding="utf-8").lower())
    assert not re.search(r"\bnow\(|current_date|current_timestamp|\btoday\(|random\(", text)


def described():
    """Every model that a yml file describes, by name."""
    for path in sorted((DBT / "models").rglob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or []:
            yield path.parent.name, model


def test_every_model_is_described_in_its_own_folder():
    written = {(folder, model["name"]) for folder, model in described()}
    assert written == {(path.parent.name, path.stem) for path in MODELS}


PUBLISHED = [model for folder, model in described() if folder in ("marts", "quality")]


@pytest.mark.parametrize("model", PUBLISHED, ids=lambda model: model["name"])
def test_every_published_column_is_described_and_typed(model):
    assert model["description"]
    assert model["columns"]
    for column in model["columns"]:
        assert column.get("description"), column["name"]
        assert column.get("data_type"), column["name"]


def test_model_names_are_not_used_twice():
    names = [path.stem for path in MODELS] + [path.stem for path in (DBT / "seeds").glob("*.csv")]
    assert len(names) == len(set(names))


FORMS = {
    (layout.raw_table or form): layout
    for template in load_templates((PROJECT_ROOT / "pipelines" / "templates",))
    for form, layout in template.forms.items()
    if layout.layout == "table"
}


def seed(name):
    with (DBT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("table", sorted(FORMS))
def test_every_form_of_a_template_is_a_source(table):
    sources = yaml.safe_load((DBT / "models/staging/_sources.yml").read_text(encoding="utf-8"))
    assert table in {found["name"] for found in sources["sources"][0]["tables"]}


def test_the_list_of_forms_is_that_of_the_templates():
    assert {row["form"] for row in seed("forms")} == set(FORMS)


def test_every_form_has_a_key_of_its_own_columns():
    for form in FORMS.values():
        assert form.key
        assert set(form.key) <= {column.name for column in form.columns}


def test_words_that_a_template_asks_for_are_in_the_list():
    known = {row["list"] for row in seed("words")}
    for form in FORMS.values():
        assert {column.words for column in form.columns if column.words} <= known


def test_every_form_names_a_published_table():
    tables = {f"{folder}.{model['name']}" for folder, model in described()}
    assert {row["mart"] for row in seed("forms")} <= tables


def test_rules_and_definitions_are_one_to_one():
    rules = load_rules(EXPECTATIONS)
    defined = {rule_id for suite in load_suites(EXPECTATIONS).values() for rule_id in suite.entries}
    queries = {f"sql/{path.name}" for path in (EXPECTATIONS / "sql").glob("*.sql")}
    assert {rule.rule_id for rule in rules if not rule.is_query} == defined
    assert {rule.definition for rule in rules if rule.is_query} == queries


LABELS = ("_vi", "_en")
LABELLED = {"agencies": "name", "measures": "sentence", "submission_reasons": "reason"}


@pytest.mark.parametrize("seed", sorted(LABELLED))
def test_closed_lists_have_labels_in_both_languages(seed):
    with (DBT / "seeds" / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        for language in LABELS:
            assert row[LABELLED[seed] + language], row


def test_the_readme_speaks_of_commands_that_exist():
    commands = set(re.findall(r"nq57 ([a-z]+)\b(?!\d)", README))
    assert commands <= set(main.commands)
    assert set(main.commands) <= commands
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT_ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"make ([a-z-]+)", README)) <= targets


def test_the_readme_speaks_of_files_that_exist():
    for path in re.findall(
        r"`((?:pipelines|dbt_project|expectations|tests|docs)/[\w./-]*)`", README
    ):
        assert (PROJECT_ROOT / path).exists(), path


def test_definitions_stay_a_table_of_contents():
    lines = (PROJECT_ROOT / "pipelines" / "definitions.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 20


def test_the_readme_asks_published_tables():
    tables = {model["name"] for model in PUBLISHED}
    queries = re.findall(r"```sql\n(.*?)```", README, re.DOTALL)
    assert len(queries) >= 2
    for query in queries:
        for table in re.findall(r"(?:marts|quality)\.(\w+)", query):
            assert table in tables
