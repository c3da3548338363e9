-- One row per grant with value and a balance of the source: both balances x
-- cost, and what lies between them.
with

balances as (

    select * from {{ ref('int_credit_source_balances') }}
    where presentation = 'deferred' and remaining_units is not null

),

journal as (

    select * from {{ ref('int_credit_journal_effects') }}

),

deferred as (

    select
        source_system,
        grant_id,
        sum(deferred_minor) as deferred_minor
    from journal
    group by source_system, grant_id

),

scaled as (

    select
        balances.*,
        coalesce(deferred.deferred_minor, 0) as actual,
        {{ nano_units('balances.remaining_units') }} as remaining_nano,
        {{ nano_units('balances.unbooked_units') }} as unbooked_nano,
        {{ nano_units('balances.unexpired_units') }} as unexpired_nano,
        {{ nano_units('balances.drift_units') }} as drift_nano
    from balances
    left join deferred
        on
            balances.source_system = deferred.source_system
            and balances.grant_id = deferred.grant_id

),

whole as (

    select
        *,
        {{ value_whole('remaining_nano', 'price_numerator', 'price_denominator') }}
            as remaining_whole,
        {{ value_whole('unbooked_nano', 'price_numerator', 'price_denominator') }}
            as unbooked_whole,
        {{ value_whole('unexpired_nano', 'price_numerator', 'price_denominator') }}
            as unexpired_whole,
        {{ value_whole('drift_nano', 'price_numerator', 'price_denominator') }} as drift_whole
    from scaled

),

valued as (

    select
        *,
        {{ value_unrounded(
            'remaining_nano', 'remaining_whole', 'price_numerator', 'price_denominator'
        ) }} as expected,
        {{ value_unrounded(
            'unbooked_nano', 'unbooked_whole', 'price_numerator', 'price_denominator'
        ) }} as not_in_books,
        {{ value_unrounded(
            'unexpired_nano', 'unexpired_whole', 'price_numerator', 'price_denominator'
        ) }} as not_expired,
        {{ value_unrounded(
            'drift_nano', 'drift_whole', 'price_numerator', 'price_denominator'
        ) }} as source_drift
    from whole

)

-- The rest is rounding (and overdrawn units), which T2_deferred_revenue proves;
-- it counts as explained only where the units agree to the last digit.
select
    source_system,
    grant_id,
    currency,
    expected,
    actual,
    not_in_books,
    not_expired,
    source_drift,
    case
        when booked_units = closing_units then expected - closing_deferred_minor
        else not_in_books + not_expired + source_drift
    end as explained
from valued
