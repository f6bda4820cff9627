-- A measure asks for no sum that int_row_amounts does not make of its form.
with asked as (
    select
        form,
        unnest([numerator, denominator]) as column_name
    from {{ ref("int_declared_sums") }}
)

select distinct
    asked.form,
    asked.column_name
from asked
inner join {{ ref("int_row_amounts") }} as amounts on asked.form = amounts.form
where
    asked.column_name is not null
    and (asked.form, asked.column_name) not in (
        select (made.form, made.column_name) from {{ ref("int_row_amounts") }} as made
    )
