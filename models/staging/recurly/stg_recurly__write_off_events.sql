-- A write-off of a part of an invoice that did not fail takes that part; voided in
-- place, it is owed again from then on.
{{ config(enabled='recurly' in var('sources') | string) }}

with

write_offs as (

    select * from {{ ref('base_recurly__credit_payments') }}
    where row_reason is null and payment_action = 'write_off'

),

checked as (

    select
        *,
        coalesce(
            amount_problem,
            time_problem,
            case
                when amount <= 0 then 'wrong_sign'
                when created_at is null then 'missing_timestamp'
                when applied_to_invoice_id is null then 'unknown_invoice'
            end
        ) as input_problem
    from write_offs

),

events as (

    select
        *,
        source_key || ':write_off' as event_id,
        'uncollectible' as event_type,
        cast(null as varchar) as restores_event_id,
        created_at as effective_at
    from checked

    union all

    select
        *,
        source_key || ':write_off_voided' as event_id,
        'recovered' as event_type,
        source_key || ':write_off' as restores_event_id,
        voided_at as effective_at
    from checked
    where is_voided and input_problem is null

),

final as (

    select
        'credit_payments' as source_table,
        source_key,
        input_problem as row_reason,
        event_id,
        event_type,
        restores_event_id,
        applied_to_invoice_id as invoice_id,
        customer_id,
        coalesce(currency, charge_currency) as currency,
        amount,
        'accounts_receivable' as settlement_account,
        effective_at
    from events

)

select * from final
