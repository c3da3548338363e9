{{ config(enabled='generic' in var('sources') | string) }}

with

source as (

    select * from {{ raw('generic', 'line_events') }}

),

copies as (

    {{ mark_copies('source', 'event_id', [
        'event_type', 'restores_event_id', 'invoice_id', 'line_id', 'payment_id', 'customer_id',
        'currency', 'amount', 'settlement_account', 'effective_at', 'known_at',
    ]) }}

),

renamed as (

    select
        source_key,
        copy_reason,
        row_key as event_id,
        {{ text_value('restores_event_id') }} as restores_event_id,
        {{ text_value('invoice_id') }} as invoice_id,
        {{ text_value('line_id') }} as line_id,
        {{ text_value('payment_id') }} as payment_id,
        {{ text_value('customer_id') }} as customer_id,
        lower(trim(cast(event_type as varchar))) as event_type,
        upper(trim({{ text_value('currency') }})) as currency,
        nullif(lower(trim(cast(settlement_account as varchar))), '') as settlement_account,
        {{ parse_decimal('amount', 28, 9) }} as amount,
        {{ parse_timestamp('effective_at') }} as effective_at,
        {{ parse_timestamp('known_at') }} as recorded_at,
        amount as raw_amount,
        effective_at as raw_effective_at,
        known_at as raw_known_at
    from copies

),

checked as (

    select
        *,
        event_type in ('void', 'uncollectible', 'item_deleted') as is_of_the_rest,
        coalesce(
            {{ amount_problem('raw_amount', 'amount', is_required=false) }},
            {{ timestamp_problem('raw_effective_at', 'effective_at') }},
            {{ timestamp_problem('raw_known_at', 'recorded_at') }}
        ) as input_problem
    from renamed

),

final as (

    select
        'generic' as source_system,
        'line_events' as source_table,
        source_key,
        event_id,
        event_type,
        restores_event_id,
        invoice_id,
        line_id,
        payment_id,
        customer_id,
        currency,
        'major' as amount_scale,
        amount,
        effective_at,
        coalesce(recorded_at, effective_at) as known_at,
        case
            when settlement_account is not null then settlement_account
            when event_type in ('refund', 'refund_failed', 'dispute', 'dispute_won') then 'cash'
            when event_type = 'item_deleted' then 'unbilled_receivable'
            else 'accounts_receivable'
        end as settlement_account,
        case
            when copy_reason is not null then copy_reason
            when
                coalesce(event_type, '') not in (
                    'refund', 'refund_failed', 'dispute', 'dispute_won', 'credit_note',
                    'credit_note_voided', 'void', 'uncollectible', 'item_deleted'
                )
                then 'unknown_event_type'
            when input_problem is not null then input_problem
            when amount is null and not is_of_the_rest then 'missing_amount'
            when is_of_the_rest and amount is not null then 'unexpected_amount'
            when amount <= 0 then 'wrong_sign'
            when effective_at is null then 'missing_timestamp'
            when invoice_id is null and line_id is null then 'unknown_invoice'
            when
                event_type in ('refund_failed', 'dispute_won', 'credit_note_voided')
                and restores_event_id is null
                then 'unknown_event'
            when
                settlement_account not in (
                    'accounts_receivable', 'cash', 'external_asset', 'customer_balance',
                    'external_customer_balance', 'unbilled_receivable'
                )
                then 'unknown_account'
        end as row_reason
    from checked

)

select * from final
