-- One row per seal that this run writes: of each period that is ready one for every entity
-- and currency with balances, and one, without either, for the period as a whole.
{{ config(materialized='table') }}

with

readiness as (

    select * from {{ ref('int_seal_readiness') }}
    where is_sealed_now

),

seals_before as (

    select * from {{ ref('int_seals_before') }}

),

balances as (

    select * from {{ ref('fct_account_balances') }}

),

versions as (

    select
        readiness.accounting_period,
        readiness.closed_at,
        cast(coalesce(max(seals_before.seal_version), 0) + 1 as integer) as seal_version
    from readiness
    left join seals_before
        on readiness.accounting_period = seals_before.accounting_period
    group by readiness.accounting_period, readiness.closed_at

),

parts as (

    select distinct
        versions.accounting_period,
        versions.seal_version,
        versions.closed_at,
        balances.entity_id,
        balances.currency
    from versions
    inner join balances
        on versions.accounting_period = balances.accounting_period

    union all

    select
        accounting_period,
        seal_version,
        closed_at,
        cast(null as varchar) as entity_id,
        cast(null as varchar) as currency
    from versions

)

select
    {{ key_hash([
        "'" ~ books_id() ~ "'", 'accounting_period', 'seal_version', 'entity_id', 'currency',
    ]) }} as seal_id,
    *
from parts
