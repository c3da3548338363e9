-- One row per row of fct_credit_breakage whose period has ended: what its method makes of
-- the units of fct_credit_grant_periods, beside the breakage that the journal booked to
-- date, and what a law keeps of it.
with

breakage as (

    select * from {{ ref('fct_credit_breakage') }}
    where has_ended

),

grants as (

    select * from {{ ref('int_breakage_grants') }}

),

grant_periods as (

    select * from {{ ref('fct_credit_grant_periods') }}

),

journal as (

    select
        *,
        event_type in ('credit_revoked', 'credit_refunded') as is_revocation
    from {{ ref('int_credit_journal_effects') }}
    where
        event_type in (
            'credit_expired', 'credit_expiry_reversed', 'breakage_recognised',
            'credit_revoked', 'credit_refunded'
        )

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

-- Per period, so that the window below is read once.
changes as (

    select
        journal.source_system,
        journal.grant_id,
        journal.accounting_period_index,
        sum(case when journal.is_revocation then 0 else -journal.deferred_minor end)
            as change_minor,
        -- Units with value: the grant periods show those, too, that had none when they left.
        sum(case when journal.is_revocation then journal.released_units else 0 end)
            as revoked_units,
        sum(journal.released_units) as lost_units,
        0 as is_asked
    from journal
    inner join grants
        on
            journal.source_system = grants.source_system
            and journal.grant_id = grants.grant_id
    group by journal.source_system, journal.grant_id, journal.accounting_period_index

    union all

    select
        breakage.source_system,
        breakage.grant_id,
        periods.period_index as accounting_period_index,
        0 as change_minor,
        0 as revoked_units,
        0 as lost_units,
        1 as is_asked
    from breakage
    inner join periods
        on breakage.accounting_period = periods.accounting_period

),

cumulated as (

    select
        source_system,
        grant_id,
        accounting_period_index,
        is_asked,
        sum(change_minor) over book_order as actual,
        sum(revoked_units) over book_order as revoked_to_date_units,
        sum(lost_units) over book_order as lost_to_date_units
    from changes
    window book_order as (
        partition by source_system, grant_id
        order by accounting_period_index, is_asked
        rows between unbounded preceding and current row
    )

),

booked as (

    select
        cumulated.source_system,
        cumulated.grant_id,
        periods.accounting_period,
        cumulated.actual,
        cumulated.revoked_to_date_units,
        cumulated.lost_to_date_units
    from cumulated
    inner join periods
        on cumulated.accounting_period_index = periods.period_index
    where cumulated.is_asked = 1

),

to_date as (

    select
        grant_periods.*,
        sum(grant_periods.expired_minor) over book_order
        - grant_periods.released_ahead_to_date_minor as expired_to_date_minor
    from grant_periods
    inner join grants
        on
            grant_periods.source_system = grants.source_system
            and grant_periods.grant_id = grants.grant_id
    window book_order as (
        partition by grant_periods.source_system, grant_periods.grant_id
        order by grant_periods.accounting_period
        rows between unbounded preceding and current row
    )

),

measured as (

    select
        breakage.*,
        grants.price_numerator,
        grants.price_denominator,
        booked.actual,
        to_date.expired_to_date_minor,
        to_date.granted_to_date_minor,
        to_date.closing_deferred_minor + to_date.released_ahead_to_date_minor
            as remaining_minor,
        cast(breakage.applied_rate * 1000000 as bigint) as rate_micro,
        cast((1 - breakage.unclaimed_share) * 1000000 as bigint) as revenue_micro,
        1000000 as whole_micro,
        cast(to_date.valued_granted_to_date_units - booked.revoked_to_date_units as numeric(28, 9))
            as granted_to_date_units,
        cast(to_date.valued_released_to_date_units - booked.lost_to_date_units as numeric(28, 9))
            as exercised_to_date_units
    from breakage
    inner join grants
        on
            breakage.source_system = grants.source_system
            and breakage.grant_id = grants.grant_id
    inner join booked
        on
            breakage.source_system = booked.source_system
            and breakage.grant_id = booked.grant_id
            and breakage.accounting_period = booked.accounting_period
    inner join to_date
        on
            breakage.source_system = to_date.source_system
            and breakage.grant_id = to_date.grant_id
            and breakage.accounting_period = to_date.accounting_period

),

scaled as (

    select
        *,
        {{ nano_units('granted_to_date_units') }} as granted_nano,
        {{ nano_units('exercised_to_date_units') }} as exercised_nano
    from measured

),

formula as (

    select
        *,
        case
            when remaining_minor = 0 or breakage_policy = 'at_expiry' then expired_to_date_minor
            when breakage_policy = 'remote' and is_remote
                then expired_to_date_minor + remaining_minor
            when breakage_policy = 'remote' or rate_micro is null then expired_to_date_minor
            else least(
                greatest(
                    {{ breakage_minor(
                        'exercised_nano', 'granted_nano', 'rate_micro',
                        'price_numerator', 'price_denominator'
                    ) }},
                    expired_to_date_minor
                ),
                expired_to_date_minor + remaining_minor
            )
        end as expected
    from scaled

),

-- A law asks for its share of no more than was granted.
lost as (

    select
        *,
        least(expected, greatest(granted_to_date_minor, 0)) as lost_minor
    from formula

),

final as (

    select
        source_system,
        grant_id,
        currency,
        accounting_period,
        expected,
        actual,
        lost_minor - {{ share_minor('lost_minor', 'revenue_micro', 'whole_micro') }} as explained
    from lost

)

select * from final
