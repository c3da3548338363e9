-- One row per usage period with movements: what the meter, the invoices and the journal
-- say of it.
{{ config(materialized='table') }}

with

periods as (

    select * from {{ ref('int_usage_periods') }}

),

totals as (

    select * from {{ ref('int_usage_period_totals') }}

),

balances as (

    select * from {{ ref('int_usage_period_balances') }}

),

invoices as (

    select * from {{ ref('int_usage_invoices') }}
    where invoice_reason is null

),

invoiced as (

    select
        usage_period_id,
        cast(sum(amount_minor) as bigint) as invoiced_minor,
        sum(quantity) as invoiced_quantity,
        count(*) as invoice_count,
        max(coalesce(period_end, {{ last_instant() }})) as last_period_end
    from invoices
    group by usage_period_id

),

final as (

    select
        periods.*,
        coalesce(totals.metered_quantity, 0) as metered_quantity,
        coalesce(totals.covered_quantity, 0) as covered_quantity,
        coalesce(totals.billable_nano, 0) as billable_nano,
        coalesce(totals.rated_value, 0) as rated_value,
        coalesce(totals.recognised_value, 0) as recognised_value,
        coalesce(totals.recognised_minor, 0) as recognised_minor,
        coalesce(totals.shortfall_minor, 0) as shortfall_minor,
        coalesce(invoiced.invoiced_minor, 0) as invoiced_minor,
        coalesce(invoiced.invoiced_quantity, 0) as invoiced_quantity,
        coalesce(invoiced.invoice_count, 0) as invoice_count,
        coalesce(
            {{ accounting_date('invoiced.last_period_end') }} >= periods.ends_on, false
        ) as is_invoiced,
        coalesce(balances.revenue_minor, 0) as revenue_minor,
        coalesce(balances.unbilled_minor, 0) as unbilled_minor,
        coalesce(balances.receivable_minor, 0) as receivable_minor,
        coalesce(balances.metered_quantity, 0) as booked_quantity
    from periods
    left join totals
        on periods.usage_period_id = totals.usage_period_id
    left join invoiced
        on periods.usage_period_id = invoiced.usage_period_id
    left join balances
        on periods.usage_period_id = balances.usage_period_id

)

select * from final
