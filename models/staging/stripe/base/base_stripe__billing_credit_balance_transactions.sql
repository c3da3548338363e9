{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'billing_credit_balance_transactions') }}

),

copies as (

    {{ mark_copies('source', 'id', [
        'bill_item_id', 'created', 'credit_grant_id', 'credit_monetary_amount_currency',
        'credit_monetary_amount_value', 'credit_type', 'debit_monetary_amount_currency',
        'debit_monetary_amount_value', 'debit_type', 'effective_at', 'invoice_id', 'type'
    ]) }}

),

renamed as (

    select
        ---------- ids and strings
        copy_reason,
        row_key as transaction_id,
        {{ text_value('credit_grant_id') }} as grant_id,
        {{ text_value('invoice_id') }} as invoice_id,
        {{ text_value('bill_item_id') }} as bill_item_id,
        lower(trim({{ text_value('type') }})) as transaction_type,
        nullif(lower(trim(cast(credit_type as varchar))), '') as credit_type,
        nullif(lower(trim(cast(debit_type as varchar))), '') as debit_type,
        upper(trim({{ text_value('credit_monetary_amount_currency') }})) as credit_currency,
        upper(trim({{ text_value('debit_monetary_amount_currency') }})) as debit_currency,

        ---------- numerics
        {{ parse_decimal('credit_monetary_amount_value', 28, 9) }} as credit_minor,
        {{ parse_decimal('debit_monetary_amount_value', 28, 9) }} as debit_minor,

        ---------- timestamps
        {{ parse_epoch_or_timestamp('created') }} as created_at,
        {{ parse_epoch_or_timestamp('effective_at') }} as happened_at,

        ---------- as it was
        coalesce(cast(type as varchar), '') || ':'
        || coalesce(cast(credit_type as varchar), '') || ':'
        || coalesce(cast(debit_type as varchar), '') as raw_types,
        coalesce(cast(credit_monetary_amount_value as varchar), '') || ':'
        || coalesce(cast(debit_monetary_amount_value as varchar), '') as raw_amounts,
        credit_monetary_amount_value as raw_credit_amount,
        debit_monetary_amount_value as raw_debit_amount,
        created as raw_created,
        effective_at as raw_effective_at
    from copies

),

checked as (

    select
        *,
        transaction_type || ':' || coalesce(credit_type, '') || ':' || coalesce(debit_type, '')
            as types,
        {{ decimal_problem('raw_credit_amount', 'credit_minor', 28, 9) }} as credit_problem,
        {{ decimal_problem('raw_debit_amount', 'debit_minor', 28, 9) }} as debit_problem,
        coalesce(
            {{ timestamp_problem('raw_created', 'created_at') }},
            {{ timestamp_problem('raw_effective_at', 'happened_at') }}
        ) as time_problem
    from renamed

),

-- The side that the row is on, and what it does where the other side is empty.
final as (

    select
        *,
        case types
            when 'credit:credits_granted:' then 'grant'
            when 'credit:credits_application_invoice_voided:' then 'apply_reversal'
            when 'debit::credits_applied' then 'apply'
            when 'debit::credits_expired' then 'expire'
            when 'debit::credits_voided' then 'revoke'
        end as entry_type,
        case when transaction_type = 'debit' then debit_currency else credit_currency end
            as currency,
        case when transaction_type = 'debit' then debit_minor else credit_minor end
            as minor_amount,
        case when transaction_type = 'debit' then debit_problem else credit_problem end
            as minor_problem
    from checked

)

select * from final
