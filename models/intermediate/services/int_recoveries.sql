-- One row per part and payment of what was written off, where policy recovery calls
-- it a gain: the share of the write-off that stands in bad_debt is reversed, the
-- rest (deferred revenue that was given up) is the gain. And one per part and credit
-- note on what was written off: its share of bad_debt alone is reversed.
{{ config(materialized='table') }}

with

reversals as (

    select * from {{ ref('int_reversals') }}

),

write_offs as (

    select
        source_system,
        line_id,
        part_number,
        sum(share_minor) as written_off_minor,
        sum(contra_minor) as bad_debt_minor
    from reversals
    where event_type = 'uncollectible'
    group by source_system, line_id, part_number

),

recovered as (

    select
        reversals.source_system,
        reversals.line_id,
        reversals.part_number,
        reversals.event_id,
        -reversals.share_minor as recovered_minor,
        cast(abs(write_offs.written_off_minor) as bigint) as write_off_weight,
        cast(write_offs.bad_debt_minor as bigint) as bad_debt_minor,
        abs(sum(reversals.share_minor) over (
            partition by reversals.source_system, reversals.line_id, reversals.part_number
            order by reversals.accounting_period_index, reversals.event_number
            rows between unbounded preceding and current row
        )) as recovered_after
    from reversals
    inner join write_offs
        on
            reversals.source_system = write_offs.source_system
            and reversals.line_id = write_offs.line_id
            and reversals.part_number = write_offs.part_number
    where
        reversals.event_type in ('recovered', 'write_off_credited')
        and reversals.stays_reversed

),

weighed as (

    select
        *,
        cast(recovered_after as bigint) as weight_after,
        cast(recovered_after - abs(recovered_minor) as bigint) as weight_before
    from recovered

)

select
    source_system,
    line_id,
    part_number,
    event_id,
    recovered_minor,
    {{ share_minor('bad_debt_minor', 'weight_after', 'write_off_weight') }}
    - {{ share_minor('bad_debt_minor', 'weight_before', 'write_off_weight') }}
        as bad_debt_minor
from weighed
