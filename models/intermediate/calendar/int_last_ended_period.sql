-- One row: the last accounting period that has ended by as_of_date, 0 before the first.
with

periods as (

    select * from {{ ref('dim_accounting_periods') }}

)

select coalesce(max(period_index), 0) as period_index
from periods
where ends_on <= cast('{{ as_of_date() }}' as date)
