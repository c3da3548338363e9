{{ config(enabled='stigg' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stigg', 'credit_ledger') }}

),

renamed as (

    select
        ---------- ids
        'stigg' as source_system,
        'credit_ledger' as source_table,
        {{ text_value('id') }} as entry_id,
        {{ text_value('credit_grant_id') }} as grant_id,
        {{ text_value('customer_id') }} as customer_id,
        {{ text_value('credit_currency_id') }} as credit_unit,
        {{ text_value('event_id') }} as reference,
        {{ text_value('feature_id') }} as feature_id,
        {{ text_value('resource_id') }} as resource_id,
        cast(null as varchar) as invoice_id,
        cast(null as varchar) as pool_id,
        cast(null as varchar) as raw_key,
        false as is_credit_event,

        ---------- strings
        case upper(trim(cast(event_type as varchar)))
            when 'CREDITS_GRANTED' then 'grant'
            when 'CREDITS_CONSUMED' then 'consume'
            when 'CREDITS_EXPIRED' then 'expire'
            when 'CREDITS_VOIDED' then 'revoke'
            when 'CREDITS_UPDATED' then 'adjust'
            when 'CREDITS_CONSUMPTION_TRANSFER_SOURCE' then 'consume_moved_from'
            when 'CREDITS_CONSUMPTION_TRANSFER_TARGET' then 'consume_moved_to'
        end as entry_type,

        ---------- numerics
        {{ parse_decimal('amount', 28, 9) }} as amount,

        ---------- timestamps
        {{ parse_timestamp('"timestamp"') }} as effective_at,
        {{ parse_timestamp('created_at') }} as recorded_at,

        ---------- as it was
        cast(event_type as varchar) as raw_event_type,
        amount as raw_amount,
        "timestamp" as raw_timestamp, -- noqa: RF06
        created_at as raw_created_at
    from source

),

checked as (

    select
        *,
        {{ decimal_problem('raw_amount', 'amount', 28, 9) }} as amount_problem,
        coalesce(
            {{ timestamp_problem('raw_timestamp', 'effective_at') }},
            {{ timestamp_problem('raw_created_at', 'recorded_at') }}
        ) as time_problem
    from renamed

),

final as (

    select
        *,
        coalesce(recorded_at, effective_at) as known_at,
        -- The export may be signed or not: the type gives the sign.
        case
            when entry_type = 'adjust' then amount
            when entry_type in ('grant', 'consume_moved_from') then abs(amount)
            else -abs(amount)
        end as units,
        {{ entry_input_problem() }} as input_problem
    from checked

)

select
    *,
    {{ unread_values({
        'entry_type': 'raw_event_type',
        'amount': 'raw_amount',
        'effective_at': 'raw_timestamp',
        'recorded_at': 'raw_created_at',
    }) }}
        as unread_values
from final
