-- One row per grant, accounting period, effective period and event: its units
-- and, by rounding the cumulative in book order, its value.
{{ config(materialized='table') }}

with

movements as (

    select * from {{ ref('int_credit_movements') }}
    where
        disposition in ('journaled', 'memo')
        and row_reason is null
        and entry_type <> 'expire_rest'

),

expiries as (

    select * from {{ ref('int_credit_expiries') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

consumption as (

    select * from {{ ref('int_credit_event_names') }}
    where event_type = 'credit_consumed'

),

-- Units that are granted may cover consumption that was overdrawn before. That
-- value is consumption of the period in which it is covered, so a consumption
-- of no units accompanies every movement that adds units.
accompanied as (

    select
        source_system,
        grant_id,
        accounting_period_index,
        effective_period_index,
        event_rank,
        release_sign,
        units,
        0 as added_units,
        row_count,
        last_date
    from movements

    union all

    select
        source_system,
        grant_id,
        accounting_period_index,
        effective_period_index,
        event_rank,
        release_sign,
        units,
        0 as added_units,
        row_count,
        last_date
    from expiries

    union all

    select
        movements.source_system,
        movements.grant_id,
        movements.accounting_period_index,
        movements.effective_period_index,
        consumption.event_rank,
        consumption.release_sign,
        0 as units,
        movements.units as added_units,
        0 as row_count,
        cast(null as date) as last_date
    from movements
    cross join consumption
    where movements.release_sign = 0

),

summed as (

    select
        source_system,
        grant_id,
        accounting_period_index,
        effective_period_index,
        event_rank,
        release_sign,
        sum(units) as units,
        sum(added_units) as added_units,
        sum(case release_sign when 0 then units else 0 end) as granted_change,
        sum(release_sign * units) as released_change,
        cast(sum(row_count) as bigint) as row_count,
        max(last_date) as last_date
    from accompanied
    group by
        source_system,
        grant_id,
        accounting_period_index,
        effective_period_index,
        event_rank,
        release_sign

),

cumulated as (

    select
        *,
        sum(granted_change) over book_order as granted_after,
        sum(released_change) over book_order as released_after
    from summed
    window book_order as (
        partition by source_system, grant_id
        order by accounting_period_index, effective_period_index, event_rank
        rows between unbounded preceding and current row
    )

),

-- Released value is that of the units released, but never of more than were
-- granted (an overdraft grant grants nothing and has no such limit).
bounded as (

    select
        cumulated.*,
        grants.presentation,
        grants.price_numerator,
        grants.price_denominator,
        case
            when cumulated.release_sign = 0
                then greatest(cumulated.granted_after, 0)
            when grants.is_capped
                then least(
                    greatest(cumulated.released_after, 0), greatest(cumulated.granted_after, 0)
                )
            else greatest(cumulated.released_after, 0)
        end as valued_units_after,
        case
            when cumulated.release_sign = 0
                then greatest(cumulated.granted_after - cumulated.granted_change, 0)
            when grants.is_capped
                then least(
                    greatest(cumulated.released_after - cumulated.released_change, 0),
                    greatest(cumulated.granted_after - cumulated.added_units, 0)
                )
            else greatest(cumulated.released_after - cumulated.released_change, 0)
        end as valued_units_before,
        case cumulated.release_sign when -1 then -1 else 1 end as direction
    from cumulated
    inner join grants
        on
            cumulated.source_system = grants.source_system
            and cumulated.grant_id = grants.grant_id

),

scaled as (

    select
        *,
        {{ nano_units('valued_units_after') }} as nano_after,
        {{ nano_units('valued_units_before') }} as nano_before
    from bounded

),

valued as (

    select
        source_system,
        grant_id,
        accounting_period_index,
        effective_period_index,
        event_rank,
        release_sign,
        presentation,
        cast(units as numeric(28, 9)) as units,
        cast(direction * (valued_units_after - valued_units_before) as numeric(28, 9))
            as valued_units,
        direction * (
            {{ value_minor('nano_after', 'price_numerator', 'price_denominator') }}
            - {{ value_minor('nano_before', 'price_numerator', 'price_denominator') }}
        ) as value_minor,
        row_count,
        last_date
    from scaled

)

select * from valued
where row_count > 0 or units <> 0 or valued_units <> 0
