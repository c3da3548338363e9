with

closes as (

    select * from {{ raw('finance', 'period_closes') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

parsed as (

    select
        cast(accounting_period as varchar) as accounting_period,
        cast(closed_by as varchar) as closed_by,
        {{ parse_timestamp('closed_at') }} as closed_at,
        {{ parse_timestamp('reopened_at') }} as reopened_at,
        coalesce(
            {{ timestamp_problem('closed_at') }}, {{ timestamp_problem('reopened_at') }}
        ) as input_problem
    from closes

),

final as (

    select
        parsed.accounting_period,
        periods.period_index,
        parsed.closed_at,
        parsed.reopened_at,
        parsed.closed_by,
        case
            when periods.period_index is null then 'the calendar has no such period'
            when parsed.input_problem is not null then 'a time that cannot be read'
            when parsed.closed_at is null then 'closed_at is empty'
            when parsed.reopened_at <= parsed.closed_at then 'reopened before it was closed'
            when {{ accounting_date('parsed.closed_at') }} <= periods.ends_on
                then 'closed before the period ended'
        end as problem
    from parsed
    left join periods
        on parsed.accounting_period = periods.accounting_period

)

select * from final
