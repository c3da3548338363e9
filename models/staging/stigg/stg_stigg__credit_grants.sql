{{ config(enabled='stigg' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stigg', 'credit_grants') }}

),

renamed as (

    select
        ---------- ids
        'stigg' as source_system,
        'credit_grants' as source_table,
        {{ text_value('grant_id') }} as grant_id,
        {{ text_value('customer_id') }} as customer_id,
        {{ text_value('invoice_id') }} as invoice_id,
        {{ text_value('currency_id') }} as credit_unit,

        ---------- strings
        {{ text_value('display_name') }} as display_name,
        case upper(trim(cast(category as varchar)))
            when 'PAID' then 'paid'
            when 'PROMOTIONAL' then 'promotional'
            when 'PROMO' then 'promotional'
            when 'RECURRING' then 'recurring'
            when 'OVERDRAFT' then 'overdraft'
        end as funding,
        upper(trim({{ text_value('cost_currency') }})) as currency,
        upper(trim({{ text_value('status') }})) as status,
        upper(trim({{ text_value('invoice_status') }})) as invoice_status,
        {{ text_value('priority') }} as priority,
        {{ text_value('resource_id') }} as resource_id,
        cast(null as varchar) as plan_code,
        cast(null as varchar) as pool_id,
        cast(null as varchar) as raw_key,

        ---------- numerics
        {{ parse_decimal('amount_granted', 28, 9) }} as granted_units,
        {{ parse_decimal('amount_consumed', 28, 9) }} as consumed_units,
        {{ parse_decimal('amount_remaining', 28, 9) }} as remaining_units,
        {{ parse_decimal('cost_amount', 28, 12) }} as price_total,
        {{ parse_decimal('cost_basis', 28, 12) }} as price_per_unit,
        cast(null as numeric(28, 9)) as source_order,

        ---------- timestamps
        {{ parse_timestamp('effective_at') }} as effective_at,
        {{ parse_timestamp('expires_at') }} as expires_at,
        {{ parse_timestamp('voided_at') }} as voided_at,
        {{ parse_timestamp('created_at') }} as known_at,
        {{ parse_timestamp('updated_at') }} as version_at,

        ---------- as it was
        cast(category as varchar) as raw_category,
        amount_granted as raw_amount_granted,
        amount_consumed as raw_amount_consumed,
        amount_remaining as raw_amount_remaining,
        cost_amount as raw_cost_amount,
        cost_basis as raw_cost_basis,
        effective_at as raw_effective_at,
        expires_at as raw_expires_at,
        voided_at as raw_voided_at,
        created_at as raw_created_at,
        updated_at as raw_updated_at
    from source

),

checked as (

    select
        *,
        -- Of several numbers the worst reason: invalid_number before precision_exceeded.
        coalesce(
            least(
                {{ decimal_problem('raw_amount_granted', 'granted_units', 28, 9) }},
                {{ decimal_problem('raw_amount_consumed', 'consumed_units', 28, 9) }},
                {{ decimal_problem('raw_amount_remaining', 'remaining_units', 28, 9) }},
                {{ decimal_problem('raw_cost_amount', 'price_total', 28, 12) }},
                {{ decimal_problem('raw_cost_basis', 'price_per_unit', 28, 12) }}
            ),
            {{ timestamp_problem('raw_effective_at', 'effective_at') }},
            {{ timestamp_problem('raw_expires_at', 'expires_at') }},
            {{ timestamp_problem('raw_voided_at', 'voided_at') }},
            {{ timestamp_problem('raw_created_at', 'known_at') }},
            {{ timestamp_problem('raw_updated_at', 'version_at') }}
        ) as input_problem,
        {{ timestamp_problem('raw_updated_at', 'version_at') }} as version_problem
    from renamed

),

final as (

    select
        *,
        case
            when status = 'PAYMENT_PENDING' then 'pending'
            when status in ('PAYMENT_FAILED', 'FAILED') then 'failed'
            when invoice_status in ('PAYMENT_FAILED', 'FAILED') then 'failed'
            else 'settled'
        end as payment_status,
        coalesce(invoice_status = 'PAID', false) as is_invoice_paid,
        {{ unread_values({
            'funding': 'raw_category',
            'granted_units': 'raw_amount_granted',
            'consumed_units': 'raw_amount_consumed',
            'remaining_units': 'raw_amount_remaining',
            'price_total': 'raw_cost_amount',
            'price_per_unit': 'raw_cost_basis',
            'effective_at': 'raw_effective_at',
            'expires_at': 'raw_expires_at',
            'voided_at': 'raw_voided_at',
            'known_at': 'raw_created_at',
            'version_at': 'raw_updated_at',
        }) }} as unread_values
    from checked

)

select * from final
