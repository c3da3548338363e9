-- One row per raw row of invoiced services and journal entry that it supports, with
-- what of the entry is its own, in major units: a line has all entries of its parts
-- and the value of its billing and of its revenue.
with

lines as (

    select * from {{ ref('int_service_lines') }}
    where line_reason is null

),

parts as (

    select * from {{ ref('int_service_line_parts') }}

),

entries as (

    select * from {{ ref('int_service_journal_entries') }}

),

event_evidence as (

    select * from {{ ref('int_event_evidence') }}

),

releases as (

    select * from {{ ref('int_fulfilment_releases') }}

),

settlement_postings as (

    select * from {{ ref('int_settlement_postings') }}

),

fx_evidence as (

    select * from {{ ref('int_fx_evidence') }}

),

usage_invoice_evidence as (

    select * from {{ ref('int_usage_invoice_evidence') }}

),

supported as (

    select
        lines.source_system,
        lines.source_table,
        lines.source_key,
        entries.journal_entry_id,
        entries.minor_unit,
        case
            when entries.event_type in ('service_invoiced', 'service_recognised')
                then entries.amount_minor
        end as amount_minor
    from lines
    inner join parts
        on
            lines.source_system = parts.source_system
            and lines.line_id = parts.line_id
    inner join entries
        on
            parts.source_system = entries.source_system
            and parts.obligation_id = entries.obligation_id
            and entries.obligation_type = 'service_line'

    union all

    select
        source_system,
        source_table,
        source_key,
        journal_entry_id,
        minor_unit,
        amount_minor
    from event_evidence

    union all

    select
        releases.source_system,
        releases.source_table,
        releases.source_key,
        entries.journal_entry_id,
        entries.minor_unit,
        abs(releases.amount_minor) as amount_minor
    from releases
    inner join entries
        on
            releases.source_system = entries.source_system
            and releases.obligation_id = entries.obligation_id
            and releases.accounting_period_index = entries.accounting_period_index
            and releases.effective_period_index = entries.effective_period_index
            and entries.obligation_type = 'service_line'
            and entries.event_type = 'service_recognised'

    union all

    select
        settlement_postings.source_system,
        settlement_postings.source_table,
        settlement_postings.source_key,
        entries.journal_entry_id,
        entries.minor_unit,
        abs(settlement_postings.value_minor) as amount_minor
    from settlement_postings
    inner join entries
        on
            settlement_postings.source_system = entries.source_system
            and settlement_postings.obligation_type = entries.obligation_type
            and settlement_postings.obligation_id = entries.obligation_id
            and settlement_postings.event_type = entries.event_type
            and settlement_postings.accounting_period_index = entries.accounting_period_index
            and settlement_postings.effective_period_index = entries.effective_period_index
            and settlement_postings.debit_account
            in (entries.debit_account, entries.credit_account)
            and settlement_postings.credit_account
            in (entries.debit_account, entries.credit_account)

    union all

    select
        source_system,
        source_table,
        source_key,
        journal_entry_id,
        cast(null as numeric(5, 4)) as minor_unit,
        cast(null as bigint) as amount_minor
    from fx_evidence

    union all

    select
        source_system,
        source_table,
        source_key,
        journal_entry_id,
        minor_unit,
        amount_minor
    from usage_invoice_evidence

)

select
    source_system,
    source_table,
    source_key,
    journal_entry_id,
    cast(cast(amount_minor as numeric(28, 9)) * minor_unit as numeric(38, 9)) as amount_unrounded
from supported
