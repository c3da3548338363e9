-- One row per event, part and account pair: how each event moves the books.
{{ config(materialized='table') }}

with

reversals as (

    select * from {{ ref('int_reversals') }}

),

recoveries as (

    select * from {{ ref('int_recoveries') }}

),

write_off_voids as (

    select * from {{ ref('int_write_off_voids') }}

),

names as (

    select * from {{ ref('int_service_event_names') }}

),

named as (

    select
        reversals.*,
        names.contra_account
    from reversals
    inner join names
        on reversals.event_type = names.event_type

),

effects as (

    -- What was not recognised comes off the line's own position. A deleted item has
    -- none: it was never billed.
    select
        source_system,
        obligation_id,
        event_id,
        position_account as debit_account,
        settlement_account as credit_account,
        position_minor as value_minor
    from named
    where settlement_account <> 'unbilled_receivable'

    union all

    select
        source_system,
        obligation_id,
        event_id,
        contra_account as debit_account,
        settlement_account as credit_account,
        contra_minor as value_minor
    from named
    where not stays_reversed

    union all

    select
        named.source_system,
        named.obligation_id,
        named.event_id,
        named.settlement_account as debit_account,
        'recoverables' as credit_account,
        -named.share_minor - coalesce(recoveries.bad_debt_minor, 0) as value_minor
    from named
    left join recoveries
        on
            named.source_system = recoveries.source_system
            and named.line_id = recoveries.line_id
            and named.part_number = recoveries.part_number
            and named.event_id = recoveries.event_id
    where named.is_gain

    union all

    select
        named.source_system,
        named.obligation_id,
        named.event_id,
        -- A credit note on what was written off is not settled again.
        case
            when named.event_type = 'write_off_credited' then named.contra_account
            else named.settlement_account
        end as debit_account,
        'bad_debt' as credit_account,
        recoveries.bad_debt_minor as value_minor
    from named
    inner join recoveries
        on
            named.source_system = recoveries.source_system
            and named.line_id = recoveries.line_id
            and named.part_number = recoveries.part_number
            and named.event_id = recoveries.event_id

    union all

    select
        source_system,
        obligation_id,
        event_id,
        'voids' as debit_account,
        'bad_debt' as credit_account,
        bad_debt_minor as value_minor
    from write_off_voids

)

select * from effects
where value_minor <> 0
