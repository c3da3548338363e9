-- The credit-event lines of a credit sum to what is left of it: zero once it is used up.
{{ config(group='revrec') }}

with

lines as (

    select * from {{ ref('fct_credit_event_lines') }}

),

balances as (

    select * from {{ ref('int_credit_grant_balances') }}

),

summed as (

    select
        source_system,
        grant_id,
        sum(amount) as amount
    from lines
    group by source_system, grant_id

)

select
    summed.source_system,
    summed.grant_id,
    summed.amount,
    balances.closing_units
from summed
left join balances
    on
        summed.source_system = balances.source_system
        and summed.grant_id = balances.grant_id
where summed.amount <> coalesce(balances.closing_units, 0)
