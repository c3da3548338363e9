-- What each build changed of the balances: of an entity, account, currency and period the
-- debits less the credits, before and after. Taken from the balances and not from the
-- history's entries, so that the two prove each other. Appended to, never changed; rows count
-- only where fct_builds has their build.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ revrec.remove_uncommitted_builds() }}",
) }}

with

balances as (

    select * from {{ ref('fct_account_balances') }}
    where {{ keeps_build_history() }}

),

this_build as (

    select * from {{ ref('int_this_build') }}

),

builds as (

    select build_id from {{ earlier_rows('fct_builds') }}

),

kept as (

    select * from {{ ref('int_kept_balances') }}

),

compared as (

    select
        coalesce(balances.entity_id, kept.entity_id) as entity_id,
        coalesce(balances.account, kept.account) as account,
        coalesce(balances.currency, kept.currency) as currency,
        coalesce(balances.accounting_period, kept.accounting_period) as accounting_period,
        coalesce(kept.current_minor, 0) as previous_minor,
        coalesce(balances.debit_minor - balances.credit_minor, 0) as current_minor,
        coalesce(kept.functional_current_minor, 0) as functional_previous_minor,
        coalesce(balances.functional_debit_minor - balances.functional_credit_minor, 0)
            as functional_current_minor
    from balances
    full outer join kept
        on
            balances.entity_id = kept.entity_id
            and balances.account = kept.account
            and balances.currency = kept.currency
            and balances.accounting_period = kept.accounting_period

)

select
    this_build.build_id,
    '{{ books_id() }}' as books_id,
    cast(this_build.build_number as integer) as build_number,
    compared.entity_id,
    compared.account,
    compared.currency,
    compared.accounting_period,
    cast(compared.previous_minor as bigint) as previous_minor,
    cast(compared.current_minor as bigint) as current_minor,
    cast(compared.functional_previous_minor as bigint) as functional_previous_minor,
    cast(compared.functional_current_minor as bigint) as functional_current_minor
from compared
cross join this_build
left join builds
    on this_build.build_id = builds.build_id
where
    builds.build_id is null
    and (
        compared.previous_minor <> compared.current_minor
        or compared.functional_previous_minor <> compared.functional_current_minor
    )
