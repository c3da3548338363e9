-- The commit mark of a close: its entries are in fct_sealed_entries before their seal is
-- here. Appended to, never changed.
-- Where there is a seal, it can be retired:
-- depends_on: {{ ref('fct_seal_retirements') }}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
) }}

with

seals as (

    {{ unwritten_seals() }}

),

entries as (

    select * from {{ ref('fct_sealed_entries') }}

),

account_balances as (

    select * from {{ ref('fct_account_balances') }}

),

-- Entries of these seals only, so each is of one entity and currency.
stored as (

    select
        seals.accounting_period,
        seals.entity_id,
        seals.currency,
        entries.amount_minor,
        entries.entry_digest,
        cast(null as varchar) as balance_digest
    from seals
    inner join entries
        on seals.seal_id = entries.seal_id

    union all

    select
        seals.accounting_period,
        seals.entity_id,
        seals.currency,
        0 as amount_minor,
        cast(null as varchar) as entry_digest,
        {{ balance_digest('account_balances') }} as balance_digest
    from seals
    inner join account_balances
        on
            seals.accounting_period = account_balances.accounting_period
            and seals.entity_id = account_balances.entity_id
            and seals.currency = account_balances.currency

),

measured as (

    select
        seals.seal_id,
        count(stored.entry_digest) as entry_count,
        sum(stored.amount_minor) as amount_minor,
        {{ digest_of_all('stored.entry_digest') }} as entries_digest,
        {{ digest_of_all('stored.balance_digest') }} as balances_digest
    from seals
    left join stored
        on
            seals.accounting_period = stored.accounting_period
            and (seals.entity_id is null or seals.entity_id = stored.entity_id)
            and (seals.currency is null or seals.currency = stored.currency)
    group by seals.seal_id

)

select
    seals.seal_id,
    '{{ books_id() }}' as books_id,
    seals.accounting_period,
    seals.seal_version,
    seals.entity_id,
    seals.currency,
    seals.closed_at,
    {{ run_start() }} as sealed_at,
    cast(measured.entry_count as bigint) as entry_count,
    case when seals.currency is not null then cast(measured.amount_minor as bigint) end
        as debit_minor,
    case when seals.currency is not null then cast(measured.amount_minor as bigint) end
        as credit_minor,
    measured.balances_digest,
    measured.entries_digest,
    '{{ policy_digest() }}' as policy_digest,
    '{{ project_version() }}' as project_version,
    '{{ invocation_id }}' as invocation_id
from seals
inner join measured
    on seals.seal_id = measured.seal_id
