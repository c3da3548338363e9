-- A period is closed by one row at a time: it is reopened before it is closed
-- again.
{{ config(group='revrec') }}

with

closes as (

    select * from {{ ref('int_period_closes') }}
    where problem is null

),

ordered as (

    select
        *,
        row_number() over (partition by period_index order by closed_at) as row_number_in_period,
        lead(closed_at) over (partition by period_index order by closed_at) as next_closed_at
    from closes

)

select
    accounting_period,
    closed_at,
    reopened_at,
    next_closed_at,
    closed_by,
    accounting_period || ' is closed again while this row still holds it closed: '
    || case
        when reopened_at is null then 'fill in reopened_at, or remove one of the rows'
        else 'it was reopened only later'
    end as problem
from ordered
where
    next_closed_at is not null
    and (reopened_at is null or next_closed_at < reopened_at)
