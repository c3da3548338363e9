-- One row per raw row that settles: payments, what a customer balance pays,
-- changes of that balance, fees. Its amount in minor units (null: whatever is
-- receivable), where it posts, and why it does not count, where it does not. It is
-- known no earlier than its invoice. What credits pay of an invoice
-- (credit_applied) settles it too; its grant posts it.
{{ config(materialized='table') }}

with

source_settlements as (

    select * from {{ ref('int_settlements_unioned') }}

),

applications as (

    select * from {{ ref('int_credit_applications') }}
    where invoice_id is not null

),

settlements as (

    select
        *,
        cast(null as integer) as credit_period_index
    from source_settlements

    union all

    select
        source_system,
        source_table,
        raw_key as source_key,
        cast(null as varchar) as row_reason,
        'credit_applied:' || source_key as settlement_id,
        'credit_applied' as settlement_type,
        invoice_id,
        customer_id,
        currency,
        'major' as amount_scale,
        cast(case when money_minor < 0 then -1 else 1 end * units as numeric(28, 9)) as amount,
        cast(null as varchar) as settled_currency,
        cast(null as varchar) as settled_scale,
        cast(null as numeric(28, 9)) as settled_amount,
        effective_at,
        known_at,
        accounting_period_index as credit_period_index
    from applications

),

invoices as (

    select * from {{ ref('int_invoice_totals') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

known_floors as (

    select * from {{ ref('int_known_floors') }}

),

measured as (

    select
        settlements.*,
        currencies.minor_units,
        currencies.minor_unit,
        case settlements.amount_scale
            when 'stripe_minor' then currencies.stripe_minor_units
            else 1
        end as source_units,
        settled.minor_units as settled_minor_units,
        case settlements.settled_scale
            when 'stripe_minor' then settled.stripe_minor_units
            else 1
        end as settled_source_units,
        {{ nano_units('settlements.amount') }} as amount_nano,
        {{ nano_units('settlements.settled_amount') }} as settled_nano,
        {{ accounting_date('settlements.effective_at') }} as effective_on,
        cast(null as varchar) as product_id,
        invoices.invoice_id is null as is_unknown_invoice,
        invoices.currency as invoice_currency,
        invoices.entity_id as invoice_entity_id,
        invoices.booked_period_index,
        invoices.booked_minor,
        invoices.excluded_minor,
        greatest(settlements.known_at, invoices.booked_known_at) as posted_known_at
    from settlements
    left join invoices
        on
            settlements.source_system = invoices.source_system
            and settlements.invoice_id = invoices.invoice_id
    left join currencies
        on settlements.currency = currencies.currency
    left join currencies as settled
        on settlements.settled_currency = settled.currency

),

scaled as (

    select
        *,
        {{ entity_of() }} as own_entity_id,
        {{ books_minor('amount_nano', 'minor_units', 'source_units') }} as amount_minor,
        {{ books_minor('settled_nano', 'settled_minor_units', 'settled_source_units') }}
            as settled_minor
    from measured

),

checked as (

    select
        *,
        {{ books_minor_problem('amount_nano', 'amount_minor', 'minor_units', 'source_units') }}
            as amount_problem
    from scaled

),

final as (

    select
        checked.*,
        coalesce(checked.invoice_entity_id, checked.own_entity_id) as entity_id,
        days.period_index as effective_period_index,
        -- In a period that was reopened it would come before its invoice.
        greatest(
            days.period_index,
            known.first_open_period_index,
            checked.booked_period_index,
            checked.credit_period_index
        ) as accounting_period_index,
        case
            when checked.row_reason is not null then checked.row_reason
            when {{ is_known_later('checked.known_at') }} then 'known_later'
            -- Whatever else is wrong with what lies ahead: its invoice does too.
            when not days.is_counted then 'after_as_of_date'
            when checked.minor_units is null then 'unknown_currency'
            when checked.amount_problem is not null then checked.amount_problem
            when checked.invoice_id is not null and checked.is_unknown_invoice
                then 'unknown_invoice'
            when
                checked.invoice_id is null
                and checked.customer_id is null
                and checked.settlement_type <> 'processing_fee'
                then 'missing_customer'
            when checked.invoice_currency <> checked.currency then 'currency_mismatch'
            when days.period_index is null then 'outside_calendar'
            when known.first_open_period_index is null then 'invalid_timestamp'
        end as settlement_reason
    from checked
    left join accounting_days as days
        on checked.effective_on = days.accounting_date
    left join known_floors as known
        on
            cast(checked.posted_known_at as date) = known.known_date
            and checked.posted_known_at >= known.known_from
            and checked.posted_known_at < known.known_to

)

select * from final
