{{ config(enabled='generic' in var('sources') | string) }}

with

source as (

    select * from {{ raw('generic', 'settlements') }}

),

copies as (

    {{ mark_copies('source', 'settlement_id', [
        'settlement_type', 'invoice_id', 'customer_id', 'currency', 'amount', 'settled_currency',
        'settled_amount', 'effective_at', 'known_at',
    ]) }}

),

renamed as (

    select
        source_key,
        copy_reason,
        row_key as settlement_id,
        {{ text_value('invoice_id') }} as invoice_id,
        {{ text_value('customer_id') }} as customer_id,
        lower(trim(cast(settlement_type as varchar))) as settlement_type,
        upper(trim({{ text_value('currency') }})) as currency,
        upper(trim({{ text_value('settled_currency') }})) as settled_currency,
        {{ parse_decimal('amount', 28, 9) }} as amount,
        {{ parse_decimal('settled_amount', 28, 9) }} as settled_amount,
        {{ parse_timestamp('effective_at') }} as effective_at,
        {{ parse_timestamp('known_at') }} as recorded_at,
        amount as raw_amount,
        settled_amount as raw_settled_amount,
        effective_at as raw_effective_at,
        known_at as raw_known_at
    from copies

),

checked as (

    select
        *,
        settlement_type in ('payment', 'out_of_band_payment') as is_payment,
        coalesce(
            {{ amount_problem('raw_amount', 'amount', is_required=false) }},
            {{ amount_problem('raw_settled_amount', 'settled_amount', is_required=false) }},
            {{ timestamp_problem('raw_effective_at', 'effective_at') }},
            {{ timestamp_problem('raw_known_at', 'recorded_at') }}
        ) as input_problem
    from renamed

),

final as (

    select
        'generic' as source_system,
        'settlements' as source_table,
        source_key,
        settlement_id,
        settlement_type,
        invoice_id,
        customer_id,
        currency,
        'major' as amount_scale,
        amount,
        settled_currency,
        case when settled_amount is not null then 'major' end as settled_scale,
        settled_amount,
        effective_at,
        coalesce(recorded_at, effective_at) as known_at,
        case
            when copy_reason is not null then copy_reason
            when
                coalesce(settlement_type, '') not in (
                    'payment', 'out_of_band_payment', 'balance_applied', 'balance_adjusted',
                    'processing_fee'
                )
                then 'unknown_event_type'
            when input_problem is not null then input_problem
            when amount is null and settlement_type <> 'out_of_band_payment' then 'missing_amount'
            when is_payment and amount < 0 then 'wrong_sign'
            when effective_at is null then 'missing_timestamp'
            when (is_payment or settlement_type = 'balance_applied') and invoice_id is null
                then 'unknown_invoice'
            when settled_amount is null and settled_currency is not null then 'missing_amount'
            when settled_amount is not null and settled_currency is null then 'unknown_currency'
        end as row_reason
    from checked

)

select * from final
