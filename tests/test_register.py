"""The register of rules: it loads as it is, and refuses to load when it contradicts itself."""

import csv
import shutil

import pytest
import yaml

from pipelines.quality.register import DIMENSIONS, RegisterError, load_rules, load_suites
from pipelines.settings import PROJECT_ROOT
from pipelines.workbook.template import load_templates

EXPECTATIONS = PROJECT_ROOT / "expectations"
RULES = load_rules(EXPECTATIONS)
FORMS = {
    name: form
    for template in load_templates((PROJECT_ROOT / "pipelines" / "templates",))
    for name, form in template.forms.items()
}


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(EXPECTATIONS, tmp_path / "expectations")


def rewrite_rules(folder, change):
    """Apply `change` to the list of rows of rules.csv."""
    path = folder / "rules.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = list(rows[0])
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


def test_every_dimension_and_level_has_rules():
    assert {rule.dimension for rule in RULES} == set(DIMENSIONS)
    assert {rule.level for rule in RULES} == {"cell", "row", "table", "cross", "time"}


def test_the_six_clarities_have_a_rule_each():
    words = (
        "Rõ người",
        "Rõ việc",
        "Rõ thời gian",
        "Rõ trách nhiệm",
        "Rõ sản phẩm",
        "Rõ thẩm quyền",
    )
    for word in words:
        assert [rule for rule in RULES if rule.sentence_vi.startswith(word)], word


def test_rules_read_columns_of_their_form():
    for rule in RULES:
        known = {column.name for column in FORMS[rule.form].columns}
        assert set(rule.column_names) <= known, rule.rule_id


def test_a_suite_is_about_what_its_form_is_about():
    with (PROJECT_ROOT / "dbt_project" / "seeds" / "forms.csv").open(encoding="utf-8") as file:
        forms = {row["form"]: row for row in csv.DictReader(file)}
    for suite in load_suites(EXPECTATIONS).values():
        assert suite.subject == forms[suite.form]["subject"]
    for rule in RULES:
        assert rule.responsible == forms[rule.form]["sender"]


def test_every_form_has_the_rules_about_where_a_row_belongs():
    """Each part of a key is asked for; codes are registered, and no key stands twice."""
    found = {(rule.definition, rule.form, rule.columns) for rule in RULES}
    for suite in load_suites(EXPECTATIONS).values():
        key = FORMS[suite.form].key
        # The register of tasks is refused row by row before it is taken.
        if suite.form == "register_tasks":
            continue
        assert {("sql/row_without_key.sql", suite.form, column) for column in key} <= found
        assert ("sql/row_reported_twice.sql", suite.form, key[0]) in found
        if not suite.form.startswith("register_"):
            assert ("sql/row_not_registered.sql", suite.form, key[0]) in found
            assert ("sql/registered_row_not_reported.sql", suite.form, key[0]) in found


def test_a_row_without_a_key_is_known_by_cells_that_may_be_shown():
    for form in FORMS.values():
        if form.key:
            assert not any(column.is_personal for column in form.columns[:3])


def test_suites_mask_what_the_templates_call_personal():
    for suite in load_suites(EXPECTATIONS).values():
        personal = {column.name for column in FORMS[suite.form].columns if column.is_personal}
        assert set(suite.personal) == personal


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("failing_example", ""),
        ("passing_example", "[]"),
        ("severity", "fatal"),
        ("dimension", "beautiful"),
        ("sentence_en", ""),
        ("weight", "heavy"),
        ("rule_id", "COR-1"),
        ("rule_id", "TSK-LIV-099"),
        ("form", "nobody_fills_this"),
        ("subject", "services"),
        ("definition", "sql/nobody_wrote_this.sql"),
    ],
)
def test_a_row_that_says_nothing_or_nonsense_does_not_load(copy, name, value):
    rewrite_rules(copy, lambda rows: rows[0].update({name: value}))
    with pytest.raises(RegisterError):
        load_rules(copy)


def test_a_rule_twice_does_not_load(copy):
    rewrite_rules(copy, lambda rows: rows.append(rows[0]))
    with pytest.raises(RegisterError, match=r"TSK-COR-001: two rows"):
        load_rules(copy)


def test_one_query_for_two_rules_of_a_form_does_not_load(copy):
    """Placeholders make a query of its own for each form and column, not for each rule."""
    rules = {rule.rule_id: i for i, rule in enumerate(RULES)}
    again = {"definition": "sql/row_reported_twice.sql", "columns": "task_code"}
    rewrite_rules(copy, lambda rows: rows[rules["TSK-CLN-012"]].update(again))
    with pytest.raises(RegisterError, match=r"row_reported_twice\.sql: the same query"):
        load_rules(copy)


def test_a_definition_without_a_rule_does_not_load(copy):
    (copy / "sql" / "nobody_asked.sql").write_text("select 1")
    with pytest.raises(RegisterError, match=r"nobody_asked"):
        load_rules(copy)


def test_a_rule_without_a_definition_does_not_load(copy):
    suite = yaml.safe_load((copy / "tasks.yml").read_text(encoding="utf-8"))
    suite["expectations"].pop(0)
    (copy / "tasks.yml").write_text(yaml.safe_dump(suite), encoding="utf-8")
    with pytest.raises(RegisterError, match=r"TSK-COR-001"):
        load_rules(copy)


def test_two_definitions_of_a_rule_do_not_load(copy):
    suite = yaml.safe_load((copy / "tasks.yml").read_text(encoding="utf-8"))
    suite["expectations"].append(suite["expectations"][0])
    (copy / "tasks.yml").write_text(yaml.safe_dump(suite), encoding="utf-8")
    with pytest.raises(RegisterError, match=r"TSK-COR-001: two entries"):
        load_rules(copy)
