-- One row per invoice: what is receivable by the source's own figures beside the
-- balance in the journal.
{{ config(materialized='table') }}

with

statements as (

    select * from {{ ref('int_invoice_statements') }}

),

totals as (

    select * from {{ ref('int_invoice_totals') }}

),

moves as (

    select * from {{ ref('int_invoice_credits_and_payments') }}

),

cleared_invoices as (

    select * from {{ ref('int_cleared_invoices') }}

),

usage_movements as (

    select * from {{ ref('int_usage_movements') }}
    where invoice_id is not null and billing_account = 'accounts_receivable'

),

usage_periods as (

    select * from {{ ref('int_usage_periods') }}

),

balances as (

    select * from {{ ref('int_receivable_balances') }}
    where receivable_type = 'invoice'

),

-- Usage invoices have no lines and no statement but their amount.
usage_invoices as (

    select
        periods.source_system,
        movements.invoice_id,
        periods.currency,
        sum(movements.invoiced_minor) as invoiced_minor
    from usage_movements as movements
    inner join usage_periods as periods
        on movements.usage_period_id = periods.usage_period_id
    group by periods.source_system, movements.invoice_id, periods.currency

),

late_exclusion_payments as (

    select * from {{ ref('int_late_exclusion_payments') }}
    where is_after_outside

),

taken as (

    select
        source_system,
        invoice_id,
        cast(sum(case when kind = 'payment' then amount_minor else 0 end) as bigint)
            as paid_minor,
        cast(sum(case when kind = 'payment' then 0 else amount_minor end) as bigint)
            as credited_minor
    from moves
    group by source_system, invoice_id

),

journal as (

    select
        source_system,
        receivable_id as invoice_id,
        currency,
        sum(balance_minor) as balance_minor
    from balances
    group by source_system, receivable_id, currency

),

paid_for_excluded as (

    select
        source_system,
        invoice_id,
        cast(sum(excluded_value_minor) as bigint) as excluded_value_minor
    from late_exclusion_payments
    group by source_system, invoice_id

),

stated as (

    select
        statements.source_system,
        statements.invoice_id,
        statements.currency,
        statements.total_minor,
        statements.total_minor - statements.lines_minor as drift_minor,
        coalesce(taken.paid_minor, 0) as paid_minor,
        coalesce(taken.credited_minor, 0) as credited_minor,
        coalesce(paid_for_excluded.excluded_value_minor, 0) as paid_for_excluded_minor,
        cleared_invoices.receivable_minor as cleared_minor,
        greatest(coalesce(totals.excluded_minor, 0), 0) as excluded_weight,
        coalesce(totals.excluded_minor, 0) as excluded_minor,
        greatest(coalesce(totals.excluded_minor + totals.booked_minor, 0), 1)
            as invoice_weight
    from statements
    left join totals
        on
            statements.source_system = totals.source_system
            and statements.invoice_id = totals.invoice_id
    left join taken
        on
            statements.source_system = taken.source_system
            and statements.invoice_id = taken.invoice_id
    left join cleared_invoices
        on
            statements.source_system = cleared_invoices.source_system
            and statements.invoice_id = cleared_invoices.invoice_id
    left join paid_for_excluded
        on
            statements.source_system = paid_for_excluded.source_system
            and statements.invoice_id = paid_for_excluded.invoice_id

),

-- Of an invoice that is excluded in part, payments settle that part too.
expected as (

    select
        source_system,
        invoice_id,
        currency,
        coalesce(
            cleared_minor,
            total_minor - excluded_minor - credited_minor - paid_minor
            + {{ share_minor('paid_minor', 'excluded_weight', 'invoice_weight') }}
        ) + paid_for_excluded_minor as expected_minor,
        case when cleared_minor is not null then 0 else drift_minor end as drift_minor
    from stated

    union all

    select
        source_system,
        invoice_id,
        currency,
        invoiced_minor as expected_minor,
        0 as drift_minor
    from usage_invoices

),

final as (

    select
        coalesce(expected.source_system, journal.source_system) as source_system,
        coalesce(expected.invoice_id, journal.invoice_id) as invoice_id,
        coalesce(expected.currency, journal.currency) as currency,
        coalesce(expected.expected_minor, 0) as expected_minor,
        coalesce(expected.drift_minor, 0) as drift_minor,
        cast(coalesce(journal.balance_minor, 0) as bigint) as balance_minor
    from expected
    full outer join journal
        on
            expected.source_system = journal.source_system
            and expected.invoice_id = journal.invoice_id
            and expected.currency = journal.currency

)

select * from final
