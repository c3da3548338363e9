-- One row per part and run of accounting periods in which the same amount of it
-- was reversed.
{{ config(materialized='table') }}

with

reversals as (

    select * from {{ ref('int_reversals') }}
    where is_scheduled and not stays_reversed

),

stepped as (

    select
        source_system,
        line_id,
        part_number,
        acts_from_index,
        sum(share_minor) as share_minor
    from reversals
    group by source_system, line_id, part_number, acts_from_index

)

select
    source_system,
    line_id,
    part_number,
    acts_from_index as from_index,
    cast(sum(share_minor) over (
        partition by source_system, line_id, part_number
        order by acts_from_index
        rows between unbounded preceding and current row
    ) as bigint) as reversed_minor,
    lead(acts_from_index, 1, 100000) over (
        partition by source_system, line_id, part_number
        order by acts_from_index
    ) - 1 as to_index
from stepped
