"""The facts of the forms of rows that must follow from the truth, one query per published table.

Independent of the models: each query reads the truth of one form, nothing in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.sample.row_truth import RowTruth
from pipelines.sample.write import Sample

Address = tuple[str, str, date, str]
"""Form, agency, reporting date and record key of the row that a fact comes from."""

FACTS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "marts.fct_services": (
        ("period_end", "agency_code", "procedure_code"),
        """
        select 'services' as form, procedure_code || '/' || period_start || '/' || period_end
            as record_key, * exclude (procedure_name)
        from services
        """,
    ),
    "marts.fct_datasets": (
        ("reporting_date", "dataset_code", "agency_code"),
        """
        select 'datasets' as form, dataset_code as record_key,
            * exclude (dataset_name, self_score_correct, self_score_sufficient, self_score_clean,
                self_score_living),
            records_held / records_expected as coverage_share,
            reporting_date - last_updated_on as age_days,
            reporting_date - last_updated_on <= update_cycle_days as is_within_cycle,
            self_score_correct as declared_correct_score,
            self_score_sufficient as declared_sufficient_score,
            self_score_clean as declared_clean_score, self_score_living as declared_living_score
        from datasets
        """,
    ),
    "marts.fct_indicators": (
        ("measured_on", "indicator_code", "agency_code"),
        """
        select 'indicators' as form, told.indicator_code || '/' || told.measured_on as record_key,
            told.measured_on, told.indicator_code, told.agency_code, told.reporting_date,
            told.value * told.unit_scale as value, told.value_operator as operator, told.unit,
            register.measure_kind, register.direction, told.source
        from indicators as told
        inner join register_indicators as register
            using (indicator_code, reporting_date)
        qualify told.reporting_date = max(told.reporting_date) over (
            partition by told.indicator_code, told.measured_on, told.agency_code)
        """,
    ),
    "marts.fct_commune_criteria": (
        ("reporting_date", "commune_code", "criterion_code"),
        """
        select 'commune_criteria' as form, commune_code || '/' || criterion_code as record_key,
            * exclude (value_operator)
        from commune_criteria
        """,
    ),
    "marts.dim_services": (
        ("procedure_code", "agency_code"),
        """
        select 'register_services' as form, procedure_code || '/' || agency_code as record_key, *
        from register_services where reporting_date = '2025-10-28'
        """,
    ),
    "marts.dim_datasets": (
        ("dataset_code",),
        """
        select 'register_datasets' as form, dataset_code as record_key, dataset_code,
            any_value(agency_code) as agency_code, any_value(reporting_date) as reporting_date,
            any_value(dataset_name) as dataset_name, any_value(records_expected)
            as records_expected, any_value(update_cycle_days) as update_cycle_days,
            count(*) as list_count
        from register_datasets where reporting_date = '2025-10-28' group by dataset_code
        """,
    ),
    "marts.bridge_dataset_lists": (
        ("dataset_code", "list_source"),
        """
        select 'register_datasets' as form, dataset_code || '/' || list_source as record_key,
            reporting_date, dataset_code, list_source
        from register_datasets where reporting_date = '2025-10-28'
        """,
    ),
    "marts.dim_indicators": (
        ("indicator_code",),
        """
        select 'register_indicators' as form, indicator_code as record_key,
            * exclude (unit_raw) replace (target * unit_scale as target)
        from register_indicators where reporting_date = '2025-10-28'
        """,
    ),
    "marts.dim_criteria": (
        ("criterion_code",),
        """
        select 'register_criteria' as form, criterion_code as record_key, *
        from register_criteria where reporting_date = '2025-10-28'
        """,
    ),
    "marts.dim_communes": (
        ("commune_code",),
        """
        select 'register_communes' as form, commune_code as record_key, *
        from register_communes where reporting_date = '2025-10-28'
        """,
    ),
}
"""By published table: the key of its grain, and the query of the truth."""


@dataclass(frozen=True)
class Fact:
    """One row of a published table as it must be."""

    key: tuple[Any, ...]
    values: Mapping[str, Any]
    told_in: Address


def expected(truth: RowTruth, table: str) -> list[Fact]:
    """The rows of a published table that follow from the truth."""
    key, query = FACTS[table]
    relation = truth.connection.sql(query)
    facts = []
    for row in relation.fetchall():
        values = dict(zip(relation.columns, row, strict=True))
        form, on, record_key = (values.pop(n) for n in ("form", "reporting_date", "record_key"))
        is_register = form.startswith("register_")
        if not is_register:
            values["reporting_date"] = on
        told_in = form, "BCD" if is_register else values["agency_code"], on, record_key
        facts.append(Fact(tuple(values[name] for name in key), values, told_in))
    return facts


def faults(sample: Sample) -> dict[Address, set[str | None]]:
    """Columns of each row that were told badly beyond certainty; None stands for the whole row."""
    found: dict[Address, set[str | None]] = {}
    for file in sample.files(sample.dates):
        for record in sample.draft(file)[1]:
            if not record.is_certain and record.record_key is not None:
                address = (record.form, file.agency, file.on, record.record_key)
                found.setdefault(address, set()).add(record.column)
    return found
