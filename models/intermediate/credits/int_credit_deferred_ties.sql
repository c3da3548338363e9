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

released as (

    select
        *,
        closing_units - valued_granted_to_date_units + valued_released_to_date_units
            as overdrawn_units,
        -- At cost: what was released ahead of expiry is no part of the proof.
        granted_to_date_minor - closing_deferred_minor - released_ahead_to_date_minor
            as released_to_date_minor
    from grant_periods

),

scaled as (

    select
        *,
        {{ nano_units('overdrawn_units') }} as overdrawn_nano,
        {{ nano_units('valued_granted_to_date_units') }} as granted_nano,
        {{ nano_units('valued_released_to_date_units') }} as released_nano
    from released

),

priced as (

    select
        scaled.*,
        scaled.granted_nano - scaled.released_nano as remaining_nano,
        grants.price_numerator,
        grants.price_denominator
    from scaled
    inner join grants
        on
            scaled.source_system = grants.source_system
            and scaled.grant_id = grants.grant_id

),

whole as (

    select
        *,
        {{ value_whole('remaining_nano', 'price_numerator', 'price_denominator') }}
            as remaining_whole,
        {{ value_whole('overdrawn_nano', 'price_numerator', 'price_denominator') }}
            as overdrawn_whole
    from priced

),

final as (

    select
        source_system,
        grant_id,
        currency,
        accounting_period,
        closing_deferred_minor,
        released_ahead_to_date_minor,
        {{ value_unrounded(
            'remaining_nano', 'remaining_whole', 'price_numerator', 'price_denominator'
        ) }}
        + {{ value_unrounded(
            'overdrawn_nano', 'overdrawn_whole', 'price_numerator', 'price_denominator'
        ) }} as expected,
        {{ is_rounded_value(
            'granted_to_date_minor', 'granted_nano', 'price_numerator', 'price_denominator'
        ) }}
        and {{ is_rounded_value(
            'released_to_date_minor', 'released_nano', 'price_numerator', 'price_denominator'
        ) }} as is_proven
    from whole

)

select * from final
