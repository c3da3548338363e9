-- The classes of what a build changed sum to the change of every balance, and lead from the
-- balance that the build before reported to the one that it reported itself.
with

builds as (

    select * from {{ ref('fct_builds') }}
    where books_id = '{{ books_id() }}'

),

balances as (

    select balances.*
    from {{ ref('fct_build_balances') }} as balances
    inner join builds
        on balances.build_id = builds.build_id

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

explained as (

    select
        changes.to_build_id,
        changes.entity_id,
        changes.account,
        changes.currency,
        changes.accounting_period,
        max(case accounts.normal_side when 'debit' then 1 else -1 end) as side,
        sum(changes.change_minor) as change_minor,
        sum(changes.functional_change_minor) as functional_change_minor,
        max(changes.current_minor) as current_minor,
        min(changes.current_minor) as least_current_minor
    from {{ ref('rec_explained_changes') }} as changes
    left join accounts
        on changes.account = accounts.account
    group by
        changes.to_build_id, changes.entity_id, changes.account, changes.currency,
        changes.accounting_period

)

select
    coalesce(explained.to_build_id, balances.build_id) as build_id,
    coalesce(explained.account, balances.account) as account,
    coalesce(explained.currency, balances.currency) as currency,
    coalesce(explained.accounting_period, balances.accounting_period) as accounting_period,
    explained.side * explained.change_minor as explained_minor,
    balances.current_minor - balances.previous_minor as change_minor
from explained
full outer join balances
    on
        explained.to_build_id = balances.build_id
        and explained.entity_id = balances.entity_id
        and explained.account = balances.account
        and explained.currency = balances.currency
        and explained.accounting_period = balances.accounting_period
where
    coalesce(explained.side * explained.change_minor, 0)
    <> coalesce(balances.current_minor - balances.previous_minor, 0)
    or coalesce(explained.side * explained.functional_change_minor, 0)
    <> coalesce(balances.functional_current_minor - balances.functional_previous_minor, 0)
    or explained.side * explained.current_minor <> balances.current_minor
    or explained.current_minor <> explained.least_current_minor
