-- One row per grant that a policy values at list price: the newest price in
-- force on its booking day among those already known then, else the one that
-- became known first. A price added later therefore never moves a closed
-- period. A grant without a currency (nobody invoices an overdraft) takes that
-- of its credit unit, where those prices have one only.
with

grants as (

    select * from {{ ref('int_credit_grants') }}
    where
        (funding = 'promotional' and promotional_policy = 'gross')
        or (funding = 'overdraft' and overdraft_policy = 'when_used')

),

origins as (

    select * from {{ ref('int_credit_grant_origins') }}

),

list_prices as (

    select * from {{ ref('int_list_prices') }}

),

candidates as (

    select
        grants.source_system,
        grants.grant_id,
        list_prices.list_price,
        list_prices.currency,
        list_prices.effective_from,
        list_prices.known_at,
        greatest(list_prices.known_interval, coalesce(origins.known_interval, 1))
            as known_interval
    from grants
    inner join origins
        on
            grants.source_system = origins.source_system
            and grants.grant_id = origins.grant_id
    inner join list_prices
        on
            grants.credit_unit = list_prices.credit_unit
            and coalesce(grants.currency, list_prices.currency) = list_prices.currency
            and origins.booked_date >= list_prices.effective_from

),

-- A currency that became known later does not make the first one doubtful.
ranked as (

    select
        *,
        row_number() over (
            partition by source_system, grant_id
            order by known_interval asc, effective_from desc, known_at desc, list_price asc
        ) as preference,
        min(currency) over (partition by source_system, grant_id, known_interval)
        = max(currency) over (partition by source_system, grant_id, known_interval)
            as is_only_currency
    from candidates

),

final as (

    select
        source_system,
        grant_id,
        list_price,
        currency,
        known_interval
    from ranked
    where preference = 1 and is_only_currency

)

select * from final
