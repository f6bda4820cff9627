-- Every task that a register lists on a day has a row that day, and no other task has.
with registered as (
    select
        days.as_of_date,
        tasks.task_code
    from {{ ref("int_days") }} as days
    inner join {{ ref("int_registered_tasks") }} as tasks
        on days.as_of_date between tasks.valid_from and tasks.valid_to
)

(
    select
        as_of_date,
        task_code
    from registered
    except all
    select
        as_of_date,
        task_code
    from {{ ref("fct_tasks") }}
)
union all
(
    select
        as_of_date,
        task_code
    from {{ ref("fct_tasks") }}
    where as_of_date in (select days.as_of_date from {{ ref("int_days") }} as days)
    except all
    select
        as_of_date,
        task_code
    from registered
)
