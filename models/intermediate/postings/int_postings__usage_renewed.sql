-- Dr usage_revenue, Cr unbilled_receivable as an accounting period begins: what was
-- unbilled at the end of the one before is reversed. Dr unbilled_receivable, Cr
-- usage_revenue at its end: it accrues again while no invoice has come. Only where the
-- policy usage_accrual_reversal says so.
with

movements as (

    select * from {{ ref('int_usage_movements') }}

),

periods as (

    select * from {{ ref('int_usage_periods') }}
    where accrual_reversal = 'start_of_next_period'

),

accounting_periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

as_of_period as (

    select * from {{ ref('int_as_of_period') }}

),

numbered as (

    select
        movements.*,
        row_number() over (
            partition by movements.usage_period_id, movements.accounting_period_index
            order by movements.effective_period_index desc
        ) as back_number,
        sum(movements.accrued_minor + movements.fallen_short_minor) over (
            partition by movements.usage_period_id, movements.accounting_period_index
        ) as accrued_in_period,
        max(case when movements.was_final then 0 else 1 end) over (
            partition by movements.usage_period_id, movements.accounting_period_index
        ) = 0 as began_final
    from movements
    inner join periods
        on movements.usage_period_id = periods.usage_period_id

),

states as (

    select
        usage_period_id,
        accounting_period_index,
        unbilled_minor,
        accrued_in_period,
        began_final,
        lead(accounting_period_index) over (
            partition by usage_period_id order by accounting_period_index
        ) as next_period_index
    from numbered
    where back_number = 1

),

-- Every accounting period from the first movement on, also those without one.
standing as (

    select
        states.usage_period_id,
        accounting_periods.period_index,
        accounting_periods.starts_on,
        accounting_periods.ends_on,
        states.unbilled_minor,
        case
            when accounting_periods.period_index = states.accounting_period_index
                then states.accrued_in_period
            else 0
        end as accrued_in_period,
        states.began_final
    from states
    cross join as_of_period
    inner join accounting_periods
        on
            states.accounting_period_index <= accounting_periods.period_index
            and coalesce(states.next_period_index - 1, greatest(
                as_of_period.period_index, states.accounting_period_index
            )) >= accounting_periods.period_index

),

renewed as (

    select
        *,
        coalesce(lag(unbilled_minor) over (
            partition by usage_period_id order by period_index
        ), 0) as opening_minor,
        unbilled_minor - accrued_in_period as renewed_minor
    from standing

)

select
    usage_period_id,
    'usage_accrual_reversed' as event_type,
    period_index as accounting_period_index,
    period_index as effective_period_index,
    starts_on as last_date,
    'unbilled_receivable' as debit_account,
    'usage_revenue' as credit_account,
    cast(-opening_minor as bigint) as value_minor,
    0 as units,
    0 as source_entry_count,
    cast(null as varchar) as invoice_id,
    'usage_accrual_reversal: start_of_next_period' as policy
from renewed
where opening_minor <> 0

union all

select
    usage_period_id,
    case when began_final then 'usage_invoice_difference' else 'usage_accrued_again' end
        as event_type,
    period_index as accounting_period_index,
    period_index as effective_period_index,
    least(ends_on, cast('{{ as_of_date() }}' as date)) as last_date,
    'unbilled_receivable' as debit_account,
    'usage_revenue' as credit_account,
    cast(renewed_minor as bigint) as value_minor,
    0 as units,
    0 as source_entry_count,
    cast(null as varchar) as invoice_id,
    'usage_accrual_reversal: start_of_next_period' as policy
from renewed
where renewed_minor <> 0
