-- One row per part and period in which it is recognised (two in the period of
-- as_of_date): the cumulative weight before and after. Service before the first
-- of these periods is caught up in it.
with

terms as (

    select * from {{ ref('int_schedule_terms') }}

),

spans as (

    select * from {{ ref('int_period_spans') }}

),

windows as (

    select * from {{ ref('int_recognition_windows') }}

),

spread as (

    select
        terms.*,
        windows.period_index as effective_period_index,
        windows.is_recognised,
        windows.is_whole_period,
        windows.ends_on as window_ends_on,
        terms.first_index = windows.period_index
        and (windows.is_whole_period or windows.is_recognised) as is_first,
        terms.last_index = windows.period_index and windows.is_last_of_period as is_last,
        windows.period_index - terms.start_index as periods_before,
        case terms.granularity
            when 'by_second' then windows.starts_second - terms.starts_second
            else {{ days_between('terms.starts_on', 'windows.starts_on') }}
        end as elapsed_before,
        case terms.granularity
            when 'by_second' then windows.next_starts_second - terms.starts_second
            else {{ days_between('terms.starts_on', 'windows.next_starts_on') }}
        end as elapsed_after
    from terms
    inner join spans
        on terms.span_count = spans.period_count
    inner join windows
        on terms.first_index + spans.period_offset = windows.period_index

),

-- Months count once they have ended: nothing of the period of as_of_date yet.
cumulated as (

    select
        *,
        case
            when granularity in ('by_day', 'by_second')
                then least(greatest(elapsed_before, 0), total_weight)
            when periods_before = 0 then 0
            when periods_before >= period_count then total_weight
            else first_weight + (periods_before - 1) * middle_weight
        end as own_weight_before,
        case
            when granularity in ('by_day', 'by_second')
                then least(greatest(elapsed_after, 0), total_weight)
            when periods_before >= period_count - 1 then total_weight
            else first_weight + periods_before * middle_weight
        end as own_weight_after,
        granularity not in ('by_day', 'by_second') and not is_whole_period as is_unfinished
    from spread

),

final as (

    select
        *,
        case when is_first then 0 else own_weight_before end as weight_before,
        case
            when is_unfinished and is_recognised then own_weight_before
            when is_last then total_weight
            else own_weight_after
        end as weight_after,
        greatest(effective_period_index, schedule_floor_index) as accounting_period_index,
        case
            when granularity in ('by_day', 'by_second')
                then greatest(least(window_ends_on, last_on), coalesce(floor_date, starts_on))
            -- Of a month that runs, only what is caught up is recognised.
            when is_unfinished and is_recognised then floor_date
            else window_ends_on
        end as recognised_on
    from cumulated

)

select * from final
where weight_after > weight_before
