-- One row per exclusion that names no line and no invoice that arrived: nothing is
-- excluded by it.
with

exclusions as (

    select * from {{ ref('int_exclusions') }}
    where excluded_on <= cast('{{ as_of_date() }}' as date)

),

lines as (

    select * from {{ ref('int_service_lines') }}

),

named as (

    select exclusions.transaction_id
    from exclusions
    inner join lines
        on exclusions.transaction_id = lines.line_id

    union

    select exclusions.transaction_id
    from exclusions
    inner join lines
        on exclusions.transaction_id = lines.source_key

    union

    select exclusions.transaction_id
    from exclusions
    inner join lines
        on exclusions.transaction_id = lines.invoice_id

)

select
    'finance' as source_system,
    'exclusions' as source_table,
    exclusions.transaction_id as source_key,
    'unknown_exclusion' as reason_code,
    cast(null as numeric(28, 9)) as quantity,
    'exclusion of ' || exclusions.transaction_id as subject
from exclusions
left join named
    on exclusions.transaction_id = named.transaction_id
where named.transaction_id is null
