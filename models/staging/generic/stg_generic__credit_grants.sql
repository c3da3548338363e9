{{ config(enabled='generic' in var('sources') | string) }}

with

source as (

    select * from {{ raw('generic', 'credit_grants') }}

),

renamed as (

    select
        ---------- ids
        'generic' as source_system,
        'credit_grants' as source_table,
        {{ text_value('grant_id') }} as grant_id,
        {{ text_value('customer_id') }} as customer_id,
        {{ text_value('invoice_id') }} as invoice_id,
        {{ text_value('credit_unit') }} as credit_unit,
        {{ text_value('pool_id') }} as pool_id,
        cast(null as varchar) as plan_code,
        cast(null as varchar) as raw_key,

        ---------- strings
        cast(null as varchar) as display_name,
        case
            when lower(trim(cast(funding as varchar))) in (
                'paid', 'promotional', 'recurring', 'overdraft', 'goodwill', 'on_account',
                'prepayment', 'gift_card'
            ) then lower(trim(cast(funding as varchar)))
        end as funding,
        upper(trim({{ text_value('currency') }})) as currency,
        coalesce(nullif(lower(trim(cast(payment_status as varchar))), ''), 'settled')
            as payment_status,
        {{ text_value('priority') }} as priority,
        cast(null as varchar) as resource_id,
        upper(trim({{ text_value('invoice_status') }})) as invoice_status,
        cast(null as varchar) as status,

        ---------- numerics
        {{ parse_decimal('granted_units', 28, 9) }} as granted_units,
        {{ parse_decimal('consumed_units', 28, 9) }} as consumed_units,
        {{ parse_decimal('remaining_units', 28, 9) }} as remaining_units,
        {{ parse_decimal('price_total', 28, 12) }} as price_total,
        {{ parse_decimal('price_per_unit', 28, 12) }} as price_per_unit,
        {{ parse_decimal('source_order', 28, 9) }} as source_order,

        ---------- booleans
        coalesce(lower(trim(cast(invoice_status as varchar))) = 'paid', false) as is_invoice_paid,

        ---------- timestamps
        {{ parse_timestamp('effective_at') }} as effective_at,
        {{ parse_timestamp('expires_at') }} as expires_at,
        {{ parse_timestamp('known_at') }} as known_at,
        {{ parse_timestamp('known_at') }} as version_at,
        cast(null as timestamp) as voided_at,

        ---------- as it was
        cast(funding as varchar) as raw_funding,
        cast(payment_status as varchar) as raw_payment_status,
        granted_units as raw_granted_units,
        consumed_units as raw_consumed_units,
        remaining_units as raw_remaining_units,
        price_total as raw_price_total,
        price_per_unit as raw_price_per_unit,
        source_order as raw_source_order,
        effective_at as raw_effective_at,
        expires_at as raw_expires_at,
        known_at as raw_known_at
    from source

),

checked as (

    select
        *,
        -- Of several numbers the worst reason: invalid_number before precision_exceeded.
        coalesce(
            least(
                {{ decimal_problem('raw_granted_units', 'granted_units', 28, 9) }},
                {{ decimal_problem('raw_consumed_units', 'consumed_units', 28, 9) }},
                {{ decimal_problem('raw_remaining_units', 'remaining_units', 28, 9) }},
                {{ decimal_problem('raw_price_total', 'price_total', 28, 12) }},
                {{ decimal_problem('raw_price_per_unit', 'price_per_unit', 28, 12) }},
                {{ decimal_problem('raw_source_order', 'source_order', 28, 9) }}
            ),
            {{ timestamp_problem('raw_effective_at', 'effective_at') }},
            {{ timestamp_problem('raw_expires_at', 'expires_at') }},
            {{ timestamp_problem('raw_known_at', 'known_at') }},
            case
                when
                    lower(trim(raw_payment_status)) not in ('', 'settled', 'pending', 'failed')
                    then 'unknown_payment_status'
            end
        ) as input_problem,
        {{ timestamp_problem('raw_known_at', 'known_at') }} as version_problem
    from renamed

)

select
    *,
    {{ unread_values({
        'funding': 'raw_funding',
        'granted_units': 'raw_granted_units',
        'consumed_units': 'raw_consumed_units',
        'remaining_units': 'raw_remaining_units',
        'price_total': 'raw_price_total',
        'price_per_unit': 'raw_price_per_unit',
        'source_order': 'raw_source_order',
        'effective_at': 'raw_effective_at',
        'expires_at': 'raw_expires_at',
        'known_at': 'raw_known_at',
    }) }} as unread_values
from checked
