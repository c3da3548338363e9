-- One row per accounting period before the start of the books; none without a start.
with

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

books_start as (

    select * from {{ ref('int_books_start') }}

)

select periods.accounting_period
from periods
inner join books_start
    on periods.period_index < books_start.period_index
