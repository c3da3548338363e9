-- Every raw row, with its disposition and the journal entry that it supports, and what
-- expired without a row.
{{ config(materialized='view') }}

with

ledger_rows as (

    select * from {{ ref('int_credit_evidence') }}
    where raw_key is null and invoice_id is null

),

grant_rows as (

    select * from {{ ref('int_credit_grant_dispositions') }}

),

service_rows as (

    select * from {{ ref('int_service_row_dispositions') }}

),

service_evidence as (

    select * from {{ ref('int_service_evidence') }}

),

credit_part_evidence as (

    select * from {{ ref('int_credit_part_evidence') }}

),

synthesised_expiries as (

    select * from {{ ref('int_credit_expiry_evidence') }}

),

usage_evidence as (

    select * from {{ ref('int_usage_event_evidence') }}

),

folded_entries as (

    select * from {{ ref('int_folded_entries') }}

),

-- Of raw rows that are several canonical rows the strongest disposition counts.
row_evidence as (

    select
        source_system,
        source_table,
        source_key,
        journal_entry_id,
        amount_unrounded,
        cast(null as numeric(28, 9)) as quantity
    from service_evidence

    union all

    select * from credit_part_evidence

),

supported as (

    select
        source_system,
        source_table,
        source_key,
        disposition,
        reason,
        cast(null as varchar) as journal_entry_id,
        granted_units as quantity,
        cast(null as numeric(38, 9)) as amount_unrounded
    from grant_rows

    union all

    select
        source_system,
        source_table,
        source_key,
        disposition,
        reason,
        journal_entry_id,
        quantity,
        amount_unrounded
    from ledger_rows

    union all

    select
        source_system,
        source_table,
        source_key,
        disposition,
        reason,
        journal_entry_id,
        quantity,
        amount_unrounded
    from synthesised_expiries

    union all

    select
        service_rows.source_system,
        service_rows.source_table,
        service_rows.source_key,
        service_rows.disposition,
        service_rows.reason,
        row_evidence.journal_entry_id,
        coalesce(row_evidence.quantity, service_rows.quantity) as quantity,
        row_evidence.amount_unrounded
    from service_rows
    left join row_evidence
        on
            service_rows.source_system = row_evidence.source_system
            and service_rows.source_table = row_evidence.source_table
            and service_rows.source_key = row_evidence.source_key
            and service_rows.disposition = 'journaled'

    union all

    select
        source_system,
        source_table,
        source_key,
        disposition,
        reason,
        journal_entry_id,
        quantity,
        cast(null as numeric(38, 9)) as amount_unrounded
    from usage_evidence

),

-- What supports an entry before the start of the books supports what is left of it.
final as (

    select
        supported.source_system,
        supported.source_table,
        supported.source_key,
        supported.disposition,
        supported.reason,
        case
            when folded_entries.journal_entry_id is null then supported.journal_entry_id
            else folded_entries.opening_entry_id
        end as journal_entry_id,
        supported.quantity,
        supported.amount_unrounded
    from supported
    left join folded_entries
        on supported.journal_entry_id = folded_entries.journal_entry_id

)

select * from final
