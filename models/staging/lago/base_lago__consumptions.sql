-- One row per raw consumption: so much of an outbound transaction was drawn from that
-- inbound one. A row with a reason links nothing: its use is drawn from the pool.
{{ config(enabled='lago' in var('sources') | string) }}

with

source as (

    select * from {{ raw('lago', 'exports_wallet_transaction_consumptions') }}

),

transactions as (

    select * from {{ ref('base_lago__wallet_transactions') }}
    where copy_reason is null

),

copies as (

    {{ mark_copies('source', 'lago_id', [
        'organization_id', 'lago_inbound_wallet_transaction_id',
        'lago_outbound_wallet_transaction_id', 'consumed_amount_cents', 'created_at', 'updated_at',
    ], version='updated_at') }}

),

renamed as (

    select
        ---------- ids
        source_key,
        copy_reason,
        row_key as consumption_id,
        {{ text_value('lago_inbound_wallet_transaction_id') }} as inbound_id,
        {{ text_value('lago_outbound_wallet_transaction_id') }} as outbound_id,

        ---------- numerics
        {{ parse_decimal('consumed_amount_cents', 28, 9) }} as consumed_cents,

        ---------- timestamps
        {{ parse_timestamp('created_at') }} as created_at,
        {{ parse_timestamp('updated_at') }} as updated_at,

        ---------- as it was
        consumed_amount_cents as raw_consumed,
        created_at as raw_created_at,
        updated_at as raw_updated_at
    from copies

),

checked as (

    select
        *,
        coalesce(
            {{ decimal_problem('raw_consumed', 'consumed_cents', 28, 9) }},
            case
                when consumed_cents is null then 'missing_amount'
                when consumed_cents < 0 then 'wrong_sign'
                when consumed_cents <> trunc(consumed_cents) then 'precision_exceeded'
                -- Ten thousand links of one use then still sum to less than 10^17.
                when consumed_cents >= 10000000000000 then 'out_of_range'
            end,
            {{ timestamp_problem('raw_created_at', 'created_at') }},
            {{ timestamp_problem('raw_updated_at', 'updated_at') }}
        ) as input_problem
    from renamed

),

final as (

    select
        checked.*,
        coalesce(
            checked.copy_reason,
            checked.input_problem,
            case
                when outbounds.row_reason in ('payment_pending', 'payment_failed')
                    then outbounds.row_reason
                when outbounds.transaction_id is null or outbounds.row_reason is not null
                    then 'unknown_event'
                when inbounds.transaction_id is null or inbounds.row_reason is not null
                    then 'unknown_grant'
            end
        ) as row_reason
    from checked
    left join transactions as outbounds
        on
            checked.outbound_id = outbounds.transaction_id
            and outbounds.transaction_type = 'outbound'
    -- A use draws on its own wallet: credits of another may be worth something else.
    left join transactions as inbounds
        on
            checked.inbound_id = inbounds.transaction_id
            and inbounds.transaction_type = 'inbound'
            and outbounds.wallet_id = inbounds.wallet_id

)

select * from final
