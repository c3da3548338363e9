-- One row per raw transaction, with what its wallet says of it. A row with a reason
-- takes no part. A status of settled stays settled, whatever failed_at says.
{{ config(enabled='lago' in var('sources') | string, materialized='table') }}

with

source as (

    select * from {{ raw('lago', 'exports_wallet_transactions') }}

),

wallets as (

    select * from {{ ref('base_lago__wallets') }}
    where terms_reason is null

),

copies as (

    {{ mark_copies('source', 'lago_id', [
        'organization_id', 'lago_wallet_id', 'status', 'source', 'transaction_status',
        'transaction_type', 'amount', 'credit_amount', 'settled_at', 'failed_at', 'created_at',
        'updated_at', 'invoice_requires_successful_payment', 'metadata', 'lago_invoice_id',
    ], version='updated_at') }}

),

renamed as (

    select
        ---------- ids
        source_key,
        copy_reason,
        row_key as transaction_id,
        {{ text_value('lago_wallet_id') }} as wallet_id,
        {{ text_value('lago_invoice_id') }} as invoice_id,

        ---------- strings
        lower(trim(cast(status as varchar))) as status,
        lower(trim(cast(transaction_type as varchar))) as transaction_type,
        lower(trim(cast(transaction_status as varchar))) as transaction_status,

        ---------- numerics
        {{ parse_decimal('credit_amount', 28, 9) }} as units,
        {{ parse_decimal('amount', 28, 9) }} as amount,

        ---------- flags
        {{ flag_value('invoice_requires_successful_payment') }} as is_paid_when_settled,

        ---------- timestamps
        {{ parse_timestamp('settled_at') }} as settled_at,
        {{ parse_timestamp('created_at') }} as created_at,
        {{ parse_timestamp('updated_at') }} as updated_at,

        ---------- as it was
        credit_amount as raw_units,
        amount as raw_amount,
        invoice_requires_successful_payment as raw_flag,
        settled_at as raw_settled_at,
        created_at as raw_created_at,
        updated_at as raw_updated_at
    from copies

),

checked as (

    select
        *,
        greatest(created_at, settled_at) as known_at,
        coalesce(
            case
                when status = 'pending' then 'payment_pending'
                when status = 'failed' then 'payment_failed'
                when coalesce(status, '') <> 'settled' then 'unknown_status'
                when transaction_type = 'inbound' then null
                when
                    transaction_type = 'outbound' and transaction_status in ('invoiced', 'voided')
                    then null
                else 'unknown_event_type'
            end,
            {{ decimal_problem('raw_units', 'units', 28, 9) }},
            {{ amount_problem('raw_amount', 'amount', is_required=false) }},
            case
                when units is null then 'missing_amount'
                when units < 0 or amount < 0 then 'wrong_sign'
                -- The limits of units and of money, inside which every share is exact.
                when units >= 100000000000 or amount >= 10000000000000 then 'out_of_range'
            end,
            {{ timestamp_problem('raw_settled_at', 'settled_at') }},
            {{ timestamp_problem('raw_created_at', 'created_at') }},
            {{ timestamp_problem('raw_updated_at', 'updated_at') }},
            case when settled_at is null then 'missing_timestamp' end,
            {{ flag_problem('raw_flag', 'is_paid_when_settled') }}
        ) as input_problem
    from renamed

),

final as (

    select
        checked.*,
        wallets.customer_id,
        wallets.wallet_name,
        wallets.currency,
        wallets.minor_units,
        wallets.credit_unit,
        wallets.ended_at as wallet_ended_at,
        coalesce(
            checked.copy_reason,
            checked.input_problem,
            case when wallets.wallet_id is null then 'unknown_wallet' end
        ) as row_reason
    from checked
    left join wallets
        on checked.wallet_id = wallets.wallet_id

)

select * from final
