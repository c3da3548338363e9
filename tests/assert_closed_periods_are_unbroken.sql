-- At every instant the closed periods are an unbroken run: no period with a row
-- of its own is open while a later one is closed. (To reopen January, February is
-- reopened too.)
{{ config(group='revrec') }}

with

closes as (

    select * from {{ ref('int_period_closes') }}
    where problem is null

),

-- The state of the books changes at these instants only.
instants as (

    select closed_at as instant
    from closes

    union

    select reopened_at as instant
    from closes
    where reopened_at is not null

),

states as (

    select
        instants.instant,
        closes.accounting_period,
        closes.period_index,
        max(
            case
                when
                    instants.instant >= closes.closed_at
                    and (closes.reopened_at is null or instants.instant < closes.reopened_at)
                    then closes.period_index
            end
        ) as closed_period_index
    from instants
    cross join closes
    group by instants.instant, closes.accounting_period, closes.period_index

),

compared as (

    select
        *,
        max(closed_period_index) over (partition by instant) as last_closed_period_index
    from states

)

select
    compared.accounting_period,
    compared.instant,
    last_closed.accounting_period as closed_period,
    compared.accounting_period || ' is open while ' || last_closed.accounting_period
    || ' is closed: close it no later, and reopen later periods with it' as problem
from compared
inner join states as last_closed
    on
        compared.instant = last_closed.instant
        and compared.last_closed_period_index = last_closed.period_index
where
    compared.closed_period_index is null
    and compared.period_index < compared.last_closed_period_index
