-- One row per grant and period of its life: what remains x cost beside the
-- deferred value that the engine keeps, and whether that value is exactly the
-- rounding of its two cumulatives.
with

grant_periods as (

    select * from {{ ref('fct_credit_grant_periods') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}
    where presentation = 'deferred'

),

scaled as (

    select
        *,
        case
            when closing_units = valued_granted_to_date_units - valued_released_to_date_units
                then 0
            else {{ nano_units(
                '(closing_units - valued_granted_to_date_units + valued_released_to_date_units)'
            ) }}
        end as overdrawn_nano,
        {{ nano_units('valued_granted_to_date_units') }} as granted_nano,
        {{ nano_units('valued_released_to_date_units') }} as released_nano,
        granted_to_date_minor - closing_deferred_minor as released_to_date_minor
    from grant_periods

),

final as (

    select
        scaled.source_system,
        scaled.grant_id,
        scaled.currency,
        scaled.accounting_period,
        scaled.closing_deferred_minor,
        {{ value_unrounded(
            '(scaled.granted_nano - scaled.released_nano)',
            'grants.price_numerator', 'grants.price_denominator'
        ) }}
        + {{ value_unrounded(
            'scaled.overdrawn_nano', 'grants.price_numerator', 'grants.price_denominator'
        ) }} as expected,
        {{ is_rounded_value(
            'scaled.granted_to_date_minor', 'scaled.granted_nano',
            'grants.price_numerator', 'grants.price_denominator'
        ) }}
        and {{ is_rounded_value(
            'scaled.released_to_date_minor', 'scaled.released_nano',
            'grants.price_numerator', 'grants.price_denominator'
        ) }} as is_proven
    from scaled
    inner join grants
        on
            scaled.source_system = grants.source_system
            and scaled.grant_id = grants.grant_id

)

select * from final
