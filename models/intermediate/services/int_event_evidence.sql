-- One row per raw row with events and journal entry that they caused, with what of
-- the entry is theirs. A deleted item is the row of the line itself, which has all
-- entries of the line anyway (int_service_evidence).
with

events as (

    select * from {{ ref('int_line_events') }}

),

effects as (

    select * from {{ ref('int_reversal_effects') }}

),

excess as (

    select * from {{ ref('int_line_event_excess') }}

),

parts as (

    select * from {{ ref('int_reversible_parts') }}

),

lines as (

    select * from {{ ref('int_service_lines') }}
    where line_reason is null

),

names as (

    select * from {{ ref('int_service_event_names') }}

),

entries as (

    select * from {{ ref('int_service_journal_entries') }}

),

caused as (

    select
        effects.source_system,
        effects.event_id,
        'service_line' as obligation_type,
        effects.obligation_id,
        effects.debit_account,
        effects.credit_account,
        effects.value_minor,
        lines.source_table as line_table,
        lines.source_key as line_key
    from effects
    inner join parts
        on
            effects.source_system = parts.source_system
            and effects.obligation_id = parts.obligation_id
    inner join lines
        on
            parts.source_system = lines.source_system
            and parts.line_id = lines.line_id

    union all

    select
        source_system,
        event_id,
        'invoice' as obligation_type,
        coalesce(line_id, invoice_id) as obligation_id,
        loss_account as debit_account,
        settlement_account as credit_account,
        excess_minor as value_minor,
        cast(null as varchar) as line_table,
        cast(null as varchar) as line_key
    from excess

),

final as (

    select
        events.source_system,
        events.source_table,
        events.source_key,
        entries.journal_entry_id,
        entries.minor_unit,
        cast(sum(abs(caused.value_minor)) as bigint) as amount_minor
    from caused
    inner join events
        on
            caused.source_system = events.source_system
            and caused.event_id = events.event_id
            and (
                caused.line_key is null
                or caused.line_key <> events.source_key
                or caused.line_table <> events.source_table
            )
    inner join names
        on events.event_type = names.event_type
    inner join entries
        on
            caused.source_system = entries.source_system
            and caused.obligation_type = entries.obligation_type
            and caused.obligation_id = entries.obligation_id
            and names.entry_type = entries.event_type
            and events.accounting_period_index = entries.accounting_period_index
            and events.effective_period_index = entries.effective_period_index
            -- A negative value has swapped the sides.
            and caused.debit_account in (entries.debit_account, entries.credit_account)
            and caused.credit_account in (entries.debit_account, entries.credit_account)
    group by
        events.source_system,
        events.source_table,
        events.source_key,
        entries.journal_entry_id,
        entries.minor_unit

)

select * from final
