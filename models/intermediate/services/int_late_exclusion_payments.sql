-- One row per settlement of an invoice of which finance excluded a line after it was
-- booked and before anything was paid: what is paid first pays what is receivable,
-- then what the exclusion took off the receivable. A payment of whatever is left
-- pays what is receivable.
{{ config(materialized='table') }}

with

moves as (

    select * from {{ ref('int_late_exclusion_moves') }}

),

summed as (

    select
        *,
        sum(billed_minor) over so_far as billed_to_date,
        sum(excluded_minor) over so_far as excluded_to_date,
        coalesce(sum(paid_minor) over so_far, 0) as known_to_date,
        min(case when move_rank = 2 and paid_minor is null then move_number end) over so_far
            as outside_number
    from moves
    window so_far as (
        partition by source_system, invoice_id
        order by move_number
        rows between unbounded preceding and current row
    )

),

surpluses as (

    select
        *,
        known_to_date - billed_to_date as surplus_minor
    from summed
    where move_rank = 2

),

-- What is paid elsewhere is whatever was receivable then, once.
valued as (

    select
        *,
        case
            when paid_minor is not null then paid_minor
            when move_number > outside_number then 0
            else greatest(least(excluded_to_date, surplus_minor), 0) - surplus_minor
        end as value_minor
    from surpluses

),

cumulated as (

    select
        *,
        greatest(
            least(
                excluded_to_date,
                sum(value_minor) over (
                    partition by source_system, invoice_id
                    order by move_number
                    rows between unbounded preceding and current row
                ) - billed_to_date
            ),
            0
        ) as excluded_paid_to_date
    from valued

),

shared as (

    select
        *,
        cast(
            excluded_paid_to_date - lag(excluded_paid_to_date, 1, 0) over (
                partition by source_system, invoice_id
                order by move_number
            ) as bigint
        ) as excluded_value_minor
    from cumulated

),

weighed as (

    select
        *,
        least(abs(excluded_value_minor), abs(value_minor)) as excluded_weight,
        greatest(abs(value_minor), 1) as value_weight
    from shared

)

select
    source_system,
    invoice_id,
    settlement_id,
    move_number > coalesce(outside_number, 0) as is_after_outside,
    cast(value_minor as bigint) as value_minor,
    excluded_value_minor,
    {{ share_minor('settled_minor', 'excluded_weight', 'value_weight') }}
        as excluded_settled_minor
from weighed
