-- What expires of grants whose rest has expired (int_credit_expiry_terms) without a
-- ledger row of it: whatever they have in the period of the expiry. What comes late
-- changes that in the period to which it posts: expired units are always what the grant
-- would have left, unless ledger rows of its expiry are known and still to post. One row
-- per grant and accounting period.
{{ config(materialized='table') }}

with

movements as (

    select * from {{ ref('int_credit_movements') }}
    where
        disposition in ('journaled', 'memo')
        and row_reason is null

),

terms as (

    select * from {{ ref('int_credit_expiry_terms') }}

),

awaited as (

    select * from {{ ref('int_credit_expiries_awaited') }}

),

events as (

    select * from {{ ref('int_credit_events') }}

),

expiring as (

    select
        source_system,
        grant_id
    from terms
    where has_expired
    group by source_system, grant_id

),

points as (

    select
        source_system,
        grant_id,
        accounting_period_index,
        balance_change,
        case when balance_change > 0 then effective_period_index end as added_period_index,
        0 as awaited_change,
        cast(null as boolean) as has_expired
    from movements

    union all

    select
        source_system,
        grant_id,
        accounting_period_index,
        0 as balance_change,
        cast(null as integer) as added_period_index,
        awaited_change,
        cast(null as boolean) as has_expired
    from awaited

    union all

    select
        source_system,
        grant_id,
        accounting_period_index,
        0 as balance_change,
        cast(null as integer) as added_period_index,
        0 as awaited_change,
        has_expired
    from terms

),

changes as (

    select
        points.source_system,
        points.grant_id,
        points.accounting_period_index,
        sum(points.balance_change) as balance_change,
        max(points.added_period_index) as added_period_index,
        sum(points.awaited_change) as awaited_change,
        count(points.has_expired) as is_of_terms
    from points
    inner join expiring
        on
            points.source_system = expiring.source_system
            and points.grant_id = expiring.grant_id
    group by points.source_system, points.grant_id, points.accounting_period_index

),

to_date as (

    select
        *,
        sum(balance_change) over book_order as remaining_units,
        sum(awaited_change) over book_order as awaited_rows,
        max(case when is_of_terms > 0 then accounting_period_index end) over book_order
            as terms_period_index
    from changes
    window book_order as (
        partition by source_system, grant_id
        order by accounting_period_index
        rows between unbounded preceding and current row
    )

),

remaining as (

    select
        to_date.source_system,
        to_date.grant_id,
        to_date.accounting_period_index,
        to_date.added_period_index,
        terms.expiry_period_index,
        terms.expires_on,
        terms.is_synthesised,
        not terms.is_synthesised
        and to_date.accounting_period_index = to_date.terms_period_index as is_end,
        case
            when terms.has_expired and to_date.awaited_rows = 0
                then greatest(to_date.remaining_units, 0)
            else 0
        end as expired_units
    from to_date
    left join terms
        on
            to_date.source_system = terms.source_system
            and to_date.grant_id = terms.grant_id
            and to_date.terms_period_index = terms.accounting_period_index

),

changed as (

    select
        *,
        expired_units - lag(expired_units, 1, 0) over life_to_date as units,
        lag(expiry_period_index) over life_to_date as earlier_period_index,
        lag(is_synthesised) over life_to_date as was_synthesised
    from remaining
    window life_to_date as (
        partition by source_system, grant_id
        order by accounting_period_index
    )

),

-- What comes back belongs to the expiry that was; what is added later expires after it
-- was added.
final as (

    select
        changed.source_system,
        changed.grant_id,
        changed.accounting_period_index,
        case
            when changed.units < 0 then changed.earlier_period_index
            else greatest(
                changed.expiry_period_index,
                coalesce(changed.added_period_index, changed.expiry_period_index)
            )
        end as effective_period_index,
        coalesce(changed.is_end, false) as is_end,
        case when changed.units < 0 then changed.was_synthesised else changed.is_synthesised end
            as is_synthesised,
        events.event_rank,
        events.release_sign,
        cast(abs(changed.units) as numeric(28, 9)) as units,
        case when changed.is_end then 1 else 0 end as row_count,
        case when changed.units > 0 then changed.expires_on end as last_date
    from changed
    inner join events
        on
            events.entry_type
            = case when changed.units > 0 then 'expire_rest' else 'expire_reversal' end
    where changed.units <> 0

)

select * from final
