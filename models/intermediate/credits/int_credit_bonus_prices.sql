-- One row per grant of int_credit_bonus_purchases: by policy relative_ssp its part of
-- the price of the purchase, and how it is valued then; by zero_cost what of the price of
-- a paid grant the bonus credits would carry. The grants of a purchase that are answered
-- relative_ssp share the price, if a paid and a promotional one are.
{{ config(materialized='table') }}

with

grants as (

    select * from {{ ref('int_credit_bonus_policies') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

-- Below 10^11 units at a price below 10^9 a weight has at most 35 digits.
weighted as (

    select
        *,
        priced_nano * unit_price_millionths as weight
    from grants

),

totals as (

    select
        purchase_key,
        sum(own_minor) as shared_minor,
        sum(weight) as total_weight,
        count(weight) = count(*) as is_priced
    from weighted
    where bonus_policy = 'relative_ssp'
    group by purchase_key
    having count(own_minor) > 0 and count(own_minor) < count(*)

),

judged as (

    select
        weighted.*,
        totals.shared_minor,
        totals.total_weight,
        case
            when not totals.is_priced then 'missing_standalone_price'
            when
                totals.shared_minor > {{ wide_divide(
                    '99999999999999999999999999999999999999', 'totals.total_weight'
                ) }}
                then 'out_of_range'
        end as price_problem
    from weighted
    inner join totals
        on weighted.purchase_key = totals.purchase_key
    where weighted.bonus_policy = 'relative_ssp'

),

divided as (

    select
        *,
        shared_minor * weight as numerator,
        {{ wide_divide('shared_minor * weight', 'total_weight') }} as whole_minor
    from judged
    where price_problem is null

),

-- Largest remainder; equal ones by the hash of the grant, for text has no order that
-- all engines share.
ranked as (

    select
        *,
        shared_minor - sum(whole_minor) over (partition by purchase_key) as left_minor,
        row_number() over (
            partition by purchase_key
            order by
                numerator - whole_minor * total_weight desc, {{ key_hash(['grant_id']) }} asc
        ) as place
    from divided

),

-- The grants that share a price; of the others the promotional ones cost nothing.
shared as (

    select
        weighted.*,
        judged.price_problem,
        cast(
            ranked.whole_minor + case when ranked.place <= ranked.left_minor then 1 else 0 end
            as bigint
        ) as allocated_minor,
        case when judged.grant_id is null then 'zero_cost' else 'relative_ssp' end
            as applied_policy
    from weighted
    left join judged
        on
            weighted.source_system = judged.source_system
            and weighted.grant_id = judged.grant_id
    left join ranked
        on
            weighted.source_system = ranked.source_system
            and weighted.grant_id = ranked.grant_id

),

free as (

    select
        purchase_key,
        sum(case when is_bonus then priced_nano else 0 end) as bonus_nano,
        sum(priced_nano) as total_nano
    from shared
    where not is_bonus or applied_policy = 'zero_cost'
    group by purchase_key
    having
        count(credit_unit) = count(*)
        and min(credit_unit) = max(credit_unit)

),

final as (

    select
        shared.source_system,
        shared.grant_id,
        shared.purchase_key,
        shared.is_bonus,
        shared.applied_policy as bonus_policy,
        shared.price_problem,
        case when shared.applied_policy = 'relative_ssp' then shared.currency end as currency,
        case when shared.applied_policy = 'relative_ssp' then shared.minor_unit end
            as minor_unit,
        case when shared.applied_policy = 'relative_ssp' then shared.known_interval end
            as known_interval,
        shared.allocated_minor,
        case when shared.allocated_minor is not null then shared.priced_nano end
            as allocated_nano,
        periods.accounting_period,
        case
            when shared.is_bonus or free.total_nano is null then 0
            else {{ share_minor(
                'coalesce(shared.allocated_minor, shared.own_minor)',
                'free.bonus_nano',
                'free.total_nano'
            ) }}
        end as front_loaded_minor
    from shared
    inner join periods
        on shared.posted_period_index = periods.period_index
    left join free
        on shared.purchase_key = free.purchase_key

)

select * from final
