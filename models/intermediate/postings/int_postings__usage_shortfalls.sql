-- Dr unbilled_receivable, Cr usage_revenue (breakage_revenue by policy): what a billing
-- period fell short of its minimum.
with

movements as (

    select * from {{ ref('int_usage_movements') }}
    where fallen_short_minor <> 0

),

periods as (

    select * from {{ ref('int_usage_periods') }}

)

select
    movements.usage_period_id,
    'usage_shortfall' as event_type,
    movements.accounting_period_index,
    movements.effective_period_index,
    movements.last_date,
    'unbilled_receivable' as debit_account,
    periods.shortfall_account as credit_account,
    movements.fallen_short_minor as value_minor,
    0 as units,
    0 as source_entry_count,
    cast(null as varchar) as invoice_id,
    'commitment_shortfall: ' || periods.shortfall_account as policy
from movements
inner join periods
    on movements.usage_period_id = periods.usage_period_id
