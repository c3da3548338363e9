-- One row: the accounting period that holds as_of_date.
with

periods as (

    select * from {{ ref('dim_accounting_periods') }}

)

select
    accounting_period,
    period_index
from periods
where cast('{{ as_of_date() }}' as date) between starts_on and ends_on
