-- One row per grant that is in force: the units that remain by the source's own
-- account beside those in the books, and what lies between them: rows that are
-- not in the books (after as_of_date, or exceptions), and drift, where the
-- source disagrees with its own ledger, or has no ledger row of the grant. What
-- expired without a row is in the books; where only its date says so, the source may
-- still have it in its balance (unexpired_units). Of the past no source gives an
-- account: it only knows what remains today.
{{ config(materialized='table') }}

with

dispositions as (

    select * from {{ ref('int_credit_dispositions') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}
    where grant_disposition = 'terms' and funding <> 'overdraft'

),

balances as (

    select * from {{ ref('int_credit_grant_balances') }}

),

expiries as (

    select
        source_system,
        grant_id,
        sum(release_sign * units) as expired_units,
        sum(case when is_synthesised then release_sign * units else 0 end)
            as synthesised_units
    from {{ ref('int_credit_expiries') }}
    group by source_system, grant_id

),

ledger as (

    select
        source_system,
        grant_id,
        sum(case when disposition in ('journaled', 'memo') then balance_change else 0 end)
            as booked_units,
        sum(case when disposition in ('journaled', 'memo') then 0 else balance_change end)
            as unbooked_units
    from dispositions
    group by source_system, grant_id

),

stated as (

    select
        *,
        case when not {{ rebuilds_the_past() }} then remaining_units end as stated_units
    from grants

),

compared as (

    select
        grants.source_system,
        grants.source_table,
        grants.grant_id,
        grants.currency,
        grants.presentation,
        grants.price_numerator,
        grants.price_denominator,
        grants.stated_units as remaining_units,
        coalesce(ledger.booked_units, 0) - coalesce(expiries.expired_units, 0)
            as booked_units,
        coalesce(ledger.unbooked_units, 0) as unbooked_units,
        coalesce(expiries.synthesised_units, 0) as synthesised_units,
        grants.stated_units
        - coalesce(ledger.booked_units, 0)
        + coalesce(expiries.expired_units, 0)
        - coalesce(ledger.unbooked_units, 0) as difference_units,
        coalesce(balances.closing_units, 0) as closing_units,
        coalesce(balances.closing_deferred_minor, 0) as closing_deferred_minor
    from stated as grants
    left join ledger
        on
            grants.source_system = ledger.source_system
            and grants.grant_id = ledger.grant_id
    left join expiries
        on
            grants.source_system = expiries.source_system
            and grants.grant_id = expiries.grant_id
    left join balances
        on
            grants.source_system = balances.source_system
            and grants.grant_id = balances.grant_id
    -- A grant may be announced before it is in force and the ledger knows it.
    where
        ledger.grant_id is not null
        or grants.effective_at is null
        or {{ accounting_date('grants.effective_at') }} <= cast('{{ as_of_date() }}' as date)

),

-- The source either has taken what expired off its balance or not: whichever is nearer.
weighed as (

    select
        *,
        case
            when abs(difference_units - synthesised_units) < abs(difference_units)
                then synthesised_units
            else 0
        end as unexpired_units
    from compared

),

final as (

    select
        *,
        difference_units - unexpired_units as drift_units
    from weighed

)

select * from final
