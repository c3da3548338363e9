{{ config(enabled='stripe' in var('sources') | string) }}

-- Copies and older versions are found behind the canonical shape, as of any grant.
with

source as (

    select * from {{ raw('stripe', 'billing_credit_grants') }}

),

renamed as (

    select
        ---------- ids and strings
        {{ text_value('id') }} as grant_id,
        {{ text_value('customer_id') }} as customer_id,
        {{ text_value('custom_pricing_unit_id') }} as custom_pricing_unit_id,
        {{ text_value('name') }} as display_name,
        nullif(lower(trim(cast(category as varchar))), '') as category,
        nullif(lower(trim(cast(amount_type as varchar))), '') as amount_type,
        upper(trim({{ text_value('monetary_amount_currency') }})) as monetary_currency,

        ---------- numerics
        {{ parse_decimal('monetary_amount_value', 28, 9) }} as monetary_minor,
        {{ parse_decimal('custom_pricing_unit_value', 28, 9) }} as custom_units,

        ---------- timestamps
        {{ parse_epoch_or_timestamp('created') }} as created_at,
        {{ parse_epoch_or_timestamp('effective_at') }} as starts_at,
        {{ parse_epoch_or_timestamp('expires_at') }} as expires_at,
        {{ parse_epoch_or_timestamp('voided_at') }} as voided_at,
        {{ parse_epoch_or_timestamp('updated') }} as updated_at,

        ---------- as it was
        cast(category as varchar) as raw_category,
        monetary_amount_value as raw_monetary_amount,
        custom_pricing_unit_value as raw_custom_units,
        created as raw_created,
        effective_at as raw_effective_at,
        expires_at as raw_expires_at,
        voided_at as raw_voided_at,
        updated as raw_updated
    from source

),

final as (

    select
        *,
        coalesce(
            least(
                {{ decimal_problem('raw_monetary_amount', 'monetary_minor', 28, 9) }},
                {{ decimal_problem('raw_custom_units', 'custom_units', 28, 9) }}
            ),
            {{ timestamp_problem('raw_created', 'created_at') }},
            {{ timestamp_problem('raw_effective_at', 'starts_at') }},
            {{ timestamp_problem('raw_expires_at', 'expires_at') }},
            {{ timestamp_problem('raw_voided_at', 'voided_at') }},
            {{ timestamp_problem('raw_updated', 'updated_at') }},
            -- Minor units, so there are no fractions of them.
            case when monetary_minor <> trunc(monetary_minor) then 'precision_exceeded' end
        ) as input_problem,
        {{ timestamp_problem('raw_updated', 'updated_at') }} as version_problem
    from renamed

)

select * from final
