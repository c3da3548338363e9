-- Every posting, whatever the obligation, before a negative value swaps its sides.
with

credit_postings as (

    select * from {{ ref('int_credit_postings') }}

),

service_postings as (

    select * from {{ ref('int_service_postings') }}

),

postings as (

    select
        entity_id,
        source_system,
        obligation_type,
        obligation_id,
        customer_id,
        product_id,
        event_type,
        accounting_period_index,
        effective_period_index,
        booked_date,
        last_date,
        debit_account,
        credit_account,
        value_minor,
        currency,
        minor_unit,
        units,
        source_entry_count,
        policy,
        invoice_id,
        settled_currency,
        settled_minor
    from credit_postings

    union all

    select
        entity_id,
        source_system,
        obligation_type,
        obligation_id,
        customer_id,
        product_id,
        event_type,
        accounting_period_index,
        effective_period_index,
        booked_date,
        last_date,
        debit_account,
        credit_account,
        value_minor,
        currency,
        minor_unit,
        units,
        source_entry_count,
        policy,
        invoice_id,
        settled_currency,
        settled_minor
    from service_postings

),

-- A settlement moves money at its own rate; an obligation keeps one.
final as (

    select
        *,
        obligation_type in ('invoice', 'customer_balance', 'payment') as is_settlement
    from postings

)

select * from final
