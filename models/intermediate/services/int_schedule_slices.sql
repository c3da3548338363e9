-- One row per part and period in which it is recognised (two in the period of
-- as_of_date), before any reversal: the cumulative amount before and after, and
-- where the slice posts. Service revenue is recorded here once; the journal, the
-- schedule and the reversals read it.
{{ config(materialized='table') }}

with

spreads as (

    select * from {{ ref('int_schedule_spreads') }}
    where rounding = 'cumulative'

),

plugged as (

    select * from {{ ref('int_schedule_slices_plugged') }}

),

fulfilled as (

    select * from {{ ref('int_fulfilment_slices') }}

),

cumulated as (

    select
        source_system,
        line_id,
        part_number,
        effective_period_index,
        accounting_period_index,
        is_recognised,
        recognised_on,
        {{ share_minor('amount_minor', 'weight_before', 'total_weight') }} as cumulative_before,
        {{ share_minor('amount_minor', 'weight_after', 'total_weight') }} as cumulative_after
    from spreads

),

final as (

    select * from cumulated

    union all

    select * from plugged

    union all

    select * from fulfilled

)

select * from final
where cumulative_after <> cumulative_before
