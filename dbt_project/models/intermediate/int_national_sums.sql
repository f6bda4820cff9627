-- Grain: national figure, or that of a peer group, and what it is compared with: the sum of the
-- agencies' own published figures (`published`) or of what the reports say of them (`reports`).
-- Printed figures, and for measures of rows our own of the day of the run. Shares add up both
-- sides before they are divided.
with figures as (
    select
        figures.figure_id,
        figures.computed_measure as measure,
        figures.programme_scope,
        figures.computed_agency_code as agency_code,
        figures.window_start,
        figures.as_of_date,
        figures.operator,
        figures.value,
        figures.unit,
        figures.rounding_unit,
        known.reason as reason_without
    from {{ ref("int_figures") }} as figures
    left join {{ ref("int_figure_measures") }} as known on figures.figure_id = known.figure_id
    where
        figures.indicator_code is null
        and figures.computed_agency_code in ('all', 'central', 'provinces')

    union all

    select
        null as figure_id,
        computed.measure,
        computed.programme_scope,
        computed.agency_code,
        computed.window_start,
        computed.as_of_date,
        '=' as operator,
        computed.value,
        computed.unit,
        case when computed.unit = 'share' then 0.000001 else 1 end as rounding_unit,
        null as reason_without
    from {{ ref("fct_measures") }} as computed
    inner join {{ ref("measures") }} as measures on computed.measure = measures.measure
    where
        measures.form != 'tasks'
        and computed.as_of_date = {{ as_of_date() }}
        and computed.agency_code in ('all', 'central', 'provinces')
        and computed.value is not null
),

members as (
    select
        agency_code,
        valid_from,
        coalesce(valid_to, {{ open_end() }}) as valid_to,
        unnest(['all', peer_group]) as group_code
    from {{ ref("agencies") }}
    where peer_group is not null
),

printed as (
    -- Where prints of one agency differ, what it printed is not known.
    select
        computed_agency_code as agency_code,
        computed_measure as measure,
        programme_scope,
        as_of_date,
        window_start,
        unit,
        case when count(distinct value) = 1 then any_value(value) end as value
    from {{ ref("int_figures") }}
    where operator = '='
    group by all
),

published as (
    -- Nothing is known of agencies whose figures nobody printed: all members must be there.
    select
        national.figure_id,
        count(members.agency_code) as members,
        count(own.value) as agencies,
        sum(own.value) as total
    from figures as national
    inner join members
        on
            national.agency_code = members.group_code
            and national.as_of_date between members.valid_from and members.valid_to
    left join printed as own
        on
            members.agency_code = own.agency_code
            and national.measure = own.measure
            and national.programme_scope = own.programme_scope
            and national.as_of_date = own.as_of_date
            and national.window_start is not distinct from own.window_start
            and national.unit = own.unit
    where national.figure_id is not null
    group by national.figure_id
),

reported as (
    select
        national.figure_id,
        national.measure,
        national.programme_scope,
        national.agency_code,
        national.window_start,
        national.as_of_date,
        count(own.agency_code) as agencies,
        case
            when any_value(own.unit) = 'share'
                then
                    sum(own.numerator) / nullif(sum(own.denominator), 0)
                    * case when any_value(national.unit) = 'percent' then 100 else 1 end
            else sum(own.value)
        end as total
    from figures as national
    inner join members
        on
            national.agency_code = members.group_code
            and national.as_of_date between members.valid_from and members.valid_to
    inner join {{ ref("fct_measures") }} as own
        on
            members.agency_code = own.agency_code
            and national.measure = own.measure
            and national.programme_scope = own.programme_scope
            and national.as_of_date = own.as_of_date
            and national.window_start is not distinct from own.window_start
    group by all
),

sides as (
    select
        figures.*,
        'published' as compared,
        published.total,
        published.agencies,
        case
            when published.agencies = 0 then 'no_agency_printed'
            when published.agencies < published.members then 'agencies_missing'
        end as reason
    from figures
    inner join published on figures.figure_id = published.figure_id

    union all

    select
        figures.*,
        'reports' as compared,
        reported.total,
        reported.agencies,
        case when reported.total is null then coalesce(figures.reason_without, 'no_row') end
            as reason
    from figures
    left join reported
        on
            figures.figure_id is not distinct from reported.figure_id
            and figures.measure = reported.measure
            and figures.programme_scope = reported.programme_scope
            and figures.agency_code = reported.agency_code
            and figures.window_start is not distinct from reported.window_start
            and figures.as_of_date = reported.as_of_date
)

select
    sides.* exclude (sides.reason, sides.reason_without),
    measures.form,
    -- One task, or one code, is the matter of several agencies.
    case
        when measures.form is null then 'not_measured'
        when measures.form = 'tasks' or measures.numerator like 'distinct %' then 'counted_once'
        else sides.reason
    end as reason,
    round(sides.total / sides.rounding_unit) = round(sides.value / sides.rounding_unit)
    or (
        sides.operator != '='
        and sides.total >= {{ first_allowed("sides.value", "sides.operator") }}
        and sides.total <= {{ last_allowed("sides.value", "null", "sides.operator") }}
    ) as is_match
from sides
left join {{ ref("measures") }} as measures on sides.measure = measures.measure
