-- One row per entity, account and currency that the old ledger or an opening entry has:
-- the old ledger's balance beside that of the opening entries. Without a balance of the
-- old ledger there is nothing to compare, and no row.
with

old_balances as (

    select * from {{ ref('int_old_balances') }}
    where problem is null

),

opening_entries as (

    select * from {{ ref('int_opening_entries') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

counted as (

    select count(*) as balance_count
    from old_balances

),

opened as (

    select
        opening_entries.entity_id,
        opening_entries.account,
        opening_entries.currency,
        sum(
            case accounts.normal_side when 'debit' then 1 else -1 end
            * case
                when opening_entries.debit_account = opening_entries.account then 1
                else -1
            end
            * opening_entries.amount_minor
        ) as opening_minor
    from opening_entries
    inner join accounts
        on opening_entries.account = accounts.account
    group by opening_entries.entity_id, opening_entries.account, opening_entries.currency

)

select
    coalesce(old_balances.entity_id, opened.entity_id) as entity_id,
    coalesce(old_balances.account, opened.account) as account,
    coalesce(old_balances.currency, opened.currency) as currency,
    cast(coalesce(old_balances.balance_minor, 0) as numeric(38, 9)) as expected,
    cast(coalesce(opened.opening_minor, 0) as numeric(38, 9)) as actual,
    cast(coalesce(old_balances.explained_minor, 0) as numeric(38, 9)) as explained
from old_balances
full outer join opened
    on
        old_balances.entity_id = opened.entity_id
        and old_balances.account = opened.account
        and old_balances.currency = opened.currency
inner join counted
    on counted.balance_count > 0
