-- The dense grid of balances: each account in use, in every period from the
-- first entry of its entity and currency to the later of the period of
-- as_of_date and the last entry.
with

movements as (

    select * from {{ ref('int_account_movements') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

as_of_period as (

    select * from {{ ref('int_as_of_period') }}

),

books as (

    select
        movements.entity_id,
        movements.currency,
        min(movements.period_index) as first_period_index,
        greatest(max(movements.period_index), max(as_of_period.period_index))
            as last_period_index
    from movements
    cross join as_of_period
    group by movements.entity_id, movements.currency

),

accounts_in_use as (

    select
        entity_id,
        currency,
        account
    from movements
    group by entity_id, currency, account

),

final as (

    select
        accounts_in_use.entity_id,
        accounts_in_use.currency,
        accounts_in_use.account,
        periods.period_index,
        periods.accounting_period,
        coalesce(movements.debit_minor, 0) as debit_minor,
        coalesce(movements.credit_minor, 0) as credit_minor,
        coalesce(movements.functional_debit_minor, 0) as functional_debit_minor,
        coalesce(movements.functional_credit_minor, 0) as functional_credit_minor
    from accounts_in_use
    inner join books
        on
            accounts_in_use.entity_id = books.entity_id
            and accounts_in_use.currency = books.currency
    inner join periods
        on periods.period_index between books.first_period_index and books.last_period_index
    left join movements
        on
            accounts_in_use.entity_id = movements.entity_id
            and accounts_in_use.currency = movements.currency
            and accounts_in_use.account = movements.account
            and periods.period_index = movements.period_index

)

select * from final
