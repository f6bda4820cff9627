{{ by_day(tags=["after_quality"]) }}

with scores as (
    pivot (
        select
            as_of_date,
            agency_code,
            dimension,
            score
        from {{ ref("scores") }}
        where
            subject = 'all'
            and as_of_date in (select days.as_of_date from {{ ref("int_days") }} as days)
    )
    on dimension in ('all', 'correct', 'sufficient', 'clean', 'living')
    using any_value(score)
),

services as (
    pivot (
        select
            as_of_date,
            agency_code,
            measure,
            value
        from {{ ref("fct_measures") }}
        where
            measure in ('online_dossier_share', 'dossiers_received')
            and as_of_date in (select days.as_of_date from {{ ref("int_days") }} as days)
    )
    on measure in ('online_dossier_share', 'dossiers_received')
    using any_value(value)
),

cards as (
    select
        counts.*,
        agencies.peer_group,
        counts.tasks_completed_on_time / nullif(counts.tasks_completed, 0) as on_time_share_of_done,
        counts.tasks_led_on_time / nullif(counts.tasks_led_due, 0) as on_time_share_of_due,
        counts.tasks_reported / nullif(counts.tasks_involving, 0) as coverage_share
    from {{ ref("int_task_counts") }} as counts
    inner join {{ ref("agencies") }} as agencies
        on
            counts.agency_code = agencies.agency_code
            and counts.as_of_date between agencies.valid_from
            and coalesce(agencies.valid_to, {{ open_end() }})
            and agencies.peer_group is not null
)

select
    cards.as_of_date,
    cards.agency_code,
    cards.programme_scope,
    cards.peer_group,
    cards.tasks_involving,
    cards.tasks_led,
    cards.tasks_completed,
    cards.tasks_completed_on_time,
    cards.tasks_in_progress,
    cards.tasks_overdue,
    cards.tasks_unknown,
    cards.tasks_led_due as tasks_due,
    cards.on_time_share_of_done,
    cards.on_time_share_of_due,
    scores."all" as quality_score,
    scores.correct as correct_score,
    scores.sufficient as sufficient_score,
    scores.clean as clean_score,
    scores.living as living_score,
    cards.coverage_share,
    services.online_dossier_share,
    cast(services.dossiers_received as bigint) as dossiers_received,
    case
        when cards.on_time_share_of_due is not null
            then rank() over (
                partition by cards.as_of_date, cards.programme_scope, cards.peer_group
                order by cards.on_time_share_of_due desc nulls last
            )
    end as rank_in_peer_group,
    count(cards.on_time_share_of_due) over (
        partition by cards.as_of_date, cards.programme_scope, cards.peer_group
    ) as ranked_agencies
from cards
left join scores
    on cards.as_of_date = scores.as_of_date and cards.agency_code = scores.agency_code
left join services
    on cards.as_of_date = services.as_of_date and cards.agency_code = services.agency_code
