-- Every row of exclusions names a transaction, once, and says when it was excluded.
{{ config(group='revrec') }}

with

exclusions as (

    select * from {{ ref('int_exclusions') }}

),

counted as (

    select
        *,
        count(*) over (partition by transaction_id) as copies
    from exclusions

),

judged as (

    select
        *,
        case
            when transaction_id is null then 'transaction_id is empty'
            when excluded_at is null then 'excluded_at is empty or cannot be read'
            when known_floor_index is null then 'excluded_at is outside 1900 to 2199'
            when copies > 1 then 'several rows for one transaction'
        end as problem
    from counted

)

select
    transaction_id,
    excluded_at,
    memo,
    problem
from judged
where problem is not null
