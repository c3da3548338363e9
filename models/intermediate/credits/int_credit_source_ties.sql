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

valued as (

    select
        balances.*,
        coalesce(deferred.deferred_minor, 0) as actual,
        {{ value_unrounded(
            nano_units('balances.remaining_units'), 'price_numerator', 'price_denominator'
        ) }}
            as expected,
        {{ value_unrounded(
            nano_units('balances.unbooked_units'), 'price_numerator', 'price_denominator'
        ) }}
            as not_in_books,
        {{ value_unrounded(
            nano_units('balances.drift_units'), 'price_numerator', 'price_denominator'
        ) }}
            as source_drift
    from balances
    left join deferred
        on
            balances.source_system = deferred.source_system
            and balances.grant_id = deferred.grant_id

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
    source_drift,
    case
        when booked_units = closing_units then expected - closing_deferred_minor
        else not_in_books + source_drift
    end as explained
from valued
