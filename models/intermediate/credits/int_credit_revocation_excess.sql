-- One row per movement that revokes more units than a grant has left, or gives such back,
-- where policy refund_excess takes that off revenue: the units beyond the grant and
-- their value, the change of the rounded cumulative. Never more than the use of the
-- grant that was revenue.
with

movements as (

    select * from {{ ref('int_credit_grant_movements') }}
    where presentation = 'deferred'

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}
    where refund_excess_policy = 'usage_revenue' and revocation_policy <> 'forfeit'

),

to_date as (

    select
        movements.*,
        grants.price_numerator,
        grants.price_denominator,
        sum(
            case when movements.event_rank = 8 then movements.units - movements.valued_units else 0
            end
        ) over book_order as revoked_beyond,
        sum(
            case
                when movements.event_rank = 4 then movements.valued_units
                when movements.event_rank = 6 then -movements.valued_units
                else 0
            end
        ) over book_order as used_units,
        sum(
            case
                when movements.event_rank = 4 then movements.value_minor
                when movements.event_rank = 6 then -movements.value_minor
                else 0
            end
        ) over book_order as used_minor
    from movements
    inner join grants
        on
            movements.source_system = grants.source_system
            and movements.grant_id = grants.grant_id
    window book_order as (
        partition by movements.source_system, movements.grant_id
        order by
            movements.accounting_period_index,
            movements.effective_period_index,
            movements.event_rank
        rows between unbounded preceding and current row
    )

),

-- Only a revocation pays back.
bounded as (

    select
        *,
        greatest(least(revoked_beyond, used_units), 0) as paid_back_units,
        {{ nano_units('greatest(least(revoked_beyond, used_units), 0)') }} as nano
    from to_date
    where event_rank = 8

),

valued as (

    select
        *,
        least(
            {{ value_minor('nano', 'price_numerator', 'price_denominator') }},
            greatest(used_minor, 0)
        ) as paid_back_minor
    from bounded

),

changed as (

    select
        source_system,
        grant_id,
        accounting_period_index,
        effective_period_index,
        last_date,
        paid_back_units - lag(paid_back_units, 1, 0) over book_order as units,
        paid_back_minor - lag(paid_back_minor, 1, 0) over book_order as value_minor
    from valued
    window book_order as (
        partition by source_system, grant_id
        order by accounting_period_index, effective_period_index
    )

)

select
    source_system,
    grant_id,
    accounting_period_index,
    effective_period_index,
    last_date,
    cast(units as numeric(28, 9)) as units,
    cast(value_minor as bigint) as value_minor
from changed
where units <> 0 or value_minor <> 0
