-- The slices of parts that are deferred until they are fulfilled: each fulfilment
-- releases its amount (all that is left, where it names none), never more than the
-- part; the backstop releases the rest.
with

parts as (

    select * from {{ ref('int_service_line_parts') }}
    where treatment = 'defer'

),

fulfilments as (

    select * from {{ ref('int_part_fulfilments') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

releases as (

    select
        source_system,
        line_id,
        part_number,
        part_minor as amount_minor,
        effective_period_index,
        accounting_period_index,
        true as is_recognised,
        fulfilled_on as recognised_on,
        coalesce(amount_minor, part_minor) as released_minor
    from fulfilments

    union all

    select
        parts.source_system,
        parts.line_id,
        parts.part_number,
        parts.amount_minor,
        days.period_index as effective_period_index,
        greatest(days.period_index, parts.schedule_floor_index) as accounting_period_index,
        days.is_counted as is_recognised,
        parts.backstop_on as recognised_on,
        parts.amount_minor as released_minor
    from parts
    inner join accounting_days as days
        on parts.backstop_on = days.accounting_date

),

summed as (

    select
        source_system,
        line_id,
        part_number,
        amount_minor,
        effective_period_index,
        accounting_period_index,
        is_recognised,
        max(recognised_on) as recognised_on,
        sum(released_minor) as released_minor
    from releases
    group by
        source_system,
        line_id,
        part_number,
        amount_minor,
        effective_period_index,
        accounting_period_index,
        is_recognised

),

cumulated as (

    select
        *,
        {{ sign_of('amount_minor') }} as direction,
        sum(released_minor) over (
            partition by source_system, line_id, part_number
            order by accounting_period_index asc, effective_period_index asc, is_recognised desc
            rows between unbounded preceding and current row
        ) as released_after
    from summed

),

final as (

    select
        source_system,
        line_id,
        part_number,
        effective_period_index,
        accounting_period_index,
        is_recognised,
        recognised_on,
        cast(
            direction * least(
                greatest(direction * (released_after - released_minor), 0), abs(amount_minor)
            ) as bigint
        ) as cumulative_before,
        cast(
            direction * least(greatest(direction * released_after, 0), abs(amount_minor))
            as bigint
        ) as cumulative_after
    from cumulated

)

select * from final
