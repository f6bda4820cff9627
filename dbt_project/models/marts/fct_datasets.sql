select
    measured.reporting_date,
    measured.dataset_code,
    measured.agency_code,
    measured.records_expected,
    measured.records_held,
    measured.records_verified,
    measured.records_duplicate,
    measured.expected_count as records_due,
    measured.coverage_share,
    measured.last_updated_on,
    measured.age_days,
    measured.update_cycle_days,
    measured.cycle_days as cycle_due_days,
    measured.age_days <= measured.cycle_days as is_within_cycle,
    measured.is_connected,
    measured.consumer_count,
    {% for dimension in ["correct", "sufficient", "clean", "living"] %}
        measured.self_score_{{ dimension }} as declared_{{ dimension }}_score,
        cast(measured.measured_{{ dimension }} as double) as measured_{{ dimension }}_score,
        measured.self_score_{{ dimension }} - measured.measured_{{ dimension }}
            as difference_{{ dimension }}_score,
    {% endfor %}
    answers.answering_code as current_agency_code,
    {{ is_counted() }} as is_counted,
    measured.valid_from,
    case when measured.valid_to < {{ as_of_date() }} then measured.valid_to end as valid_to,
    measured.submission_id,
    measured.sheet_name,
    measured.row_number
from {{ ref("int_measured_datasets") }} as measured
{{ join_row_standing("datasets", "measured", "measured.last_day") }}
