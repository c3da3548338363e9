-- Every raw row, with its disposition and the journal entry that it supports.
{{ config(materialized='view') }}

with

entries as (

    select * from {{ ref('int_credit_entries') }}

),

movements as (

    select * from {{ ref('int_credit_movements') }}

),

grant_rows as (

    select * from {{ ref('int_credit_grant_dispositions') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

events as (

    select * from {{ ref('int_credit_events') }}

),

journal as (

    select * from {{ ref('int_credit_journal_effects') }}

),

service_rows as (

    select * from {{ ref('int_service_row_dispositions') }}

),

service_evidence as (

    select * from {{ ref('int_service_evidence') }}

),

usage_evidence as (

    select * from {{ ref('int_usage_event_evidence') }}

),

-- Rows without a reason of their own share the fate of their movement.
ledger_rows as (

    select
        entries.source_system,
        entries.source_table,
        entries.source_key,
        entries.grant_id,
        coalesce(entries.row_disposition, movements.disposition) as disposition,
        coalesce(movements.reason, entries.row_reason) as reason,
        abs(entries.units) as quantity,
        movements.accounting_period_index,
        movements.effective_period_index,
        events.event_type
    from entries
    left join movements
        on
            entries.source_system = movements.source_system
            and entries.grant_id = movements.grant_id
            and entries.entry_type = movements.entry_type
            and entries.effective_period_index = movements.effective_period_index
            and entries.known_interval = movements.known_interval
            and coalesce(entries.row_reason, '') = coalesce(movements.row_reason, '')
            and entries.row_disposition is null
    left join events
        on
            entries.entry_type = events.entry_type
            and movements.disposition = 'journaled'

),

journaled as (

    select
        ledger_rows.source_system,
        ledger_rows.source_table,
        ledger_rows.source_key,
        ledger_rows.disposition,
        ledger_rows.reason,
        ledger_rows.quantity,
        journal.journal_entry_id,
        grants.price_numerator,
        grants.price_denominator,
        grants.minor_unit,
        case
            when journal.journal_entry_id is not null
                then {{ nano_units('ledger_rows.quantity') }}
        end as nano
    from ledger_rows
    left join grants
        on
            ledger_rows.source_system = grants.source_system
            and ledger_rows.grant_id = grants.grant_id
    left join journal
        on
            ledger_rows.source_system = journal.source_system
            and ledger_rows.grant_id = journal.grant_id
            and ledger_rows.event_type = journal.event_type
            and ledger_rows.accounting_period_index = journal.accounting_period_index
            and ledger_rows.effective_period_index = journal.effective_period_index

),

whole as (

    select
        *,
        {{ value_whole('nano', 'price_numerator', 'price_denominator') }} as whole
    from journaled

),

final as (

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
        case
            when journal_entry_id is not null
                then cast({{ value_unrounded(
                    'nano', 'whole', 'price_numerator', 'price_denominator'
                ) }} * minor_unit as numeric(38, 9))
        end as amount_unrounded
    from whole

    union all

    select
        service_rows.source_system,
        service_rows.source_table,
        service_rows.source_key,
        service_rows.disposition,
        service_rows.reason,
        service_evidence.journal_entry_id,
        service_rows.quantity,
        service_evidence.amount_unrounded
    from service_rows
    left join service_evidence
        on
            service_rows.source_system = service_evidence.source_system
            and service_rows.source_table = service_evidence.source_table
            and service_rows.source_key = service_evidence.source_key
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

)

select * from final
