{{ config(enabled='generic' in var('sources') | string) }}

with

source as (

    select * from {{ raw('generic', 'credit_entries') }}

),

renamed as (

    select
        ---------- ids
        'generic' as source_system,
        'credit_entries' as source_table,
        {{ text_value('entry_id') }} as entry_id,
        {{ text_value('grant_id') }} as grant_id,
        {{ text_value('customer_id') }} as customer_id,
        cast(null as varchar) as credit_unit,
        {{ text_value('reference') }} as reference,
        cast(null as varchar) as feature_id,
        cast(null as varchar) as resource_id,
        {{ text_value('invoice_id') }} as invoice_id,
        {{ text_value('pool_id') }} as pool_id,
        cast(null as varchar) as raw_key,
        true as is_credit_event,

        ---------- strings
        case
            when lower(trim(cast(entry_type as varchar))) in (
                'grant', 'consume', 'consume_reversal', 'apply', 'apply_reversal', 'expire',
                'revoke', 'refund', 'adjust', 'consume_moved_from', 'consume_moved_to'
            ) then lower(trim(cast(entry_type as varchar)))
        end as entry_type,

        ---------- numerics
        {{ parse_decimal('units', 28, 9) }} as amount,

        ---------- timestamps
        {{ parse_timestamp('effective_at') }} as effective_at,
        {{ parse_timestamp('known_at') }} as recorded_at,

        ---------- as it was
        cast(entry_type as varchar) as raw_entry_type,
        units as raw_units,
        effective_at as raw_effective_at,
        known_at as raw_known_at
    from source

),

checked as (

    select
        *,
        {{ decimal_problem('raw_units', 'amount', 28, 9) }} as amount_problem,
        coalesce(
            {{ timestamp_problem('raw_effective_at', 'effective_at') }},
            {{ timestamp_problem('raw_known_at', 'recorded_at') }}
        ) as time_problem
    from renamed

),

final as (

    select
        *,
        coalesce(recorded_at, effective_at) as known_at,
        amount as units,
        coalesce(
            {{ entry_input_problem() }},
            case
                when
                    entry_type in (
                        'grant', 'consume_reversal', 'apply_reversal', 'consume_moved_from'
                    )
                    and amount < 0 then 'wrong_sign'
                when
                    entry_type in (
                        'consume', 'apply', 'expire', 'revoke', 'refund', 'consume_moved_to'
                    )
                    and amount > 0 then 'wrong_sign'
            end
        ) as input_problem
    from checked

)

select
    *,
    {{ unread_values({
        'entry_type': 'raw_entry_type',
        'amount': 'raw_units',
        'effective_at': 'raw_effective_at',
        'recorded_at': 'raw_known_at',
    }) }}
        as unread_values
from final
