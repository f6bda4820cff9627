-- What rows of agencies add up to is the same for the nation as for all agencies together.
select
    sums.as_of_date,
    sums.form,
    sums.span,
    sums.slice,
    sums.column_name
from {{ ref("int_row_sums") }} as sums
inner join {{ ref("forms") }} as forms on sums.form = forms.form and forms.sender = 'agency'
where sums.span != 'latest' and sums.column_name not like 'distinct %'
group by all
having
    sum(sums.total) filter (where sums.agency_code = 'all')
    is distinct from
    sum(sums.total) filter (where sums.agency_code not in ('all', 'central', 'provinces'))
