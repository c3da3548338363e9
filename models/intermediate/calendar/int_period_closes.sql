-- One row per row of the seed period_closes that was known, and what is wrong with it:
-- as of an instant a later close is not there, and a later reopening has not happened.
-- Where the books have a start, one row closes every earlier period at that instant, and
-- of those the seed's own do not count.
with

closes as (

    select * from {{ raw('finance', 'period_closes') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

books_start as (

    select * from {{ ref('int_books_start') }}

),

parsed as (

    select
        cast(accounting_period as varchar) as accounting_period,
        cast(closed_by as varchar) as closed_by,
        {{ parse_timestamp('closed_at') }} as closed_at,
        {{ parse_timestamp('reopened_at') }} as reopened_at,
        closed_at as raw_closed_at,
        reopened_at as raw_reopened_at
    from closes

),

checked as (

    select
        *,
        coalesce(
            {{ timestamp_problem('raw_closed_at', 'closed_at') }},
            {{ timestamp_problem('raw_reopened_at', 'reopened_at') }}
        ) as input_problem
    from parsed

),

known as (

    select
        accounting_period,
        closed_by,
        closed_at,
        case when not {{ is_known_later('reopened_at') }} then reopened_at end as reopened_at,
        input_problem
    from checked
    where not {{ is_known_later('closed_at') }}

),

judged as (

    select
        known.accounting_period,
        periods.period_index,
        known.closed_at,
        known.reopened_at,
        known.closed_by,
        case
            when periods.period_index is null then 'the calendar has no such period'
            when known.input_problem is not null then 'a time that cannot be read'
            when known.closed_at is null then 'closed_at is empty'
            when known.reopened_at <= known.closed_at then 'reopened before it was closed'
            when {{ accounting_date('known.closed_at') }} <= periods.ends_on
                then 'closed before the period ended'
        end as problem
    from known
    left join periods
        on known.accounting_period = periods.accounting_period

),

final as (

    select judged.*
    from judged
    left join books_start
        on judged.period_index < books_start.period_index
    where books_start.period_index is null

    union all

    select
        opening_period as accounting_period,
        period_index - 1 as period_index,
        starts_at as closed_at,
        cast(null as timestamp) as reopened_at,
        'books_start' as closed_by,
        cast(null as varchar) as problem
    from books_start

)

select * from final
