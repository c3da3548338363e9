-- One row per part and void of an invoice that had been written off: what of the
-- part stands in bad_debt when the invoice is voided.
with

events as (

    select * from {{ ref('int_line_events') }}

),

reversals as (

    select * from {{ ref('int_reversals') }}
    where event_type in ('uncollectible', 'recovered', 'write_off_credited')

),

recoveries as (

    select * from {{ ref('int_recoveries') }}

),

parts as (

    select * from {{ ref('int_reversible_parts') }}

),

standing as (

    select
        reversals.source_system,
        reversals.line_id,
        reversals.part_number,
        reversals.event_number,
        case
            when reversals.stays_reversed then -coalesce(recoveries.bad_debt_minor, 0)
            else reversals.contra_minor
        end as bad_debt_minor
    from reversals
    left join recoveries
        on
            reversals.source_system = recoveries.source_system
            and reversals.line_id = recoveries.line_id
            and reversals.part_number = recoveries.part_number
            and reversals.event_id = recoveries.event_id

)

select
    parts.source_system,
    parts.obligation_id,
    events.event_id,
    events.event_type,
    events.effective_on,
    events.effective_period_index,
    events.accounting_period_index,
    cast(sum(standing.bad_debt_minor) as bigint) as bad_debt_minor
from events
inner join parts
    on
        events.source_system = parts.source_system
        and events.scope_id = parts.scope_id
inner join standing
    on
        parts.source_system = standing.source_system
        and parts.line_id = standing.line_id
        and parts.part_number = standing.part_number
        and events.event_number > standing.event_number
where events.event_type = 'write_off_voided'
group by
    parts.source_system,
    parts.obligation_id,
    events.event_id,
    events.event_type,
    events.effective_on,
    events.effective_period_index,
    events.accounting_period_index
