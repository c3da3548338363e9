-- One row per usage period, accounting period, effective period and rate segment: the
-- running quantity before and after it, in book order.
{{ config(materialized='table') }}

with

facts as (

    select * from {{ ref('int_usage_facts') }}

),

periods as (

    select * from {{ ref('int_usage_periods') }}

),

-- Which value is the last so far: a number that grows with the time of the value.
ranked as (

    select
        *,
        case
            when latest_at is not null
                then row_number() over (
                    partition by usage_period_id
                    order by
                        latest_at nulls first,
                        known_period_index
                )
        end as recency
    from facts

),

steps as (

    select
        usage_period_id,
        accounting_period_index,
        effective_period_index,
        segment_starts_at,
        max(segment_number) as segment_number,
        sum(quantity) as quantity,
        max(greatest_quantity) as greatest_quantity,
        max(recency) as recency,
        sum(covered_quantity) as covered_quantity,
        sum(row_count) as row_count,
        max(last_date) as last_date
    from ranked
    group by
        usage_period_id,
        accounting_period_index,
        effective_period_index,
        segment_starts_at

),

cumulated as (

    select
        *,
        row_number() over book_order as step_number,
        sum(quantity) over book_order as summed,
        max(greatest_quantity) over book_order as greatest,
        max(recency) over book_order as latest_recency,
        sum(covered_quantity) over book_order as covered
    from steps
    window book_order as (
        partition by usage_period_id
        order by accounting_period_index, effective_period_index, segment_starts_at
        rows between unbounded preceding and current row
    )

),

metered as (

    select
        cumulated.*,
        periods.included_nano,
        cast(
            case
                when periods.aggregation in ('sum', 'unique') then cumulated.summed
                when periods.aggregation = 'max' then greatest(cumulated.greatest, 0)
                else ranked.latest_quantity
            end as numeric(38, 9)
        ) as metered_quantity
    from cumulated
    inner join periods
        on cumulated.usage_period_id = periods.usage_period_id
    left join ranked
        on
            cumulated.usage_period_id = ranked.usage_period_id
            and cumulated.latest_recency = ranked.recency

),

billable as (

    select
        *,
        greatest(
            {{ nano_units('coalesce(metered_quantity, 0)') }}
            - {{ nano_units('coalesce(covered, 0)') }}
            - included_nano,
            0
        ) as billable_nano
    from metered

),

final as (

    select
        usage_period_id,
        step_number,
        accounting_period_index,
        effective_period_index,
        segment_number,
        cast(coalesce(metered_quantity, 0) as numeric(38, 9)) as metered_quantity,
        cast(coalesce(covered, 0) as numeric(38, 9)) as covered_quantity,
        coalesce(lag(billable_nano) over (
            partition by usage_period_id order by step_number
        ), 0) as billable_nano_before,
        billable_nano,
        row_count,
        last_date
    from billable

)

select * from final
