-- One row per pool: grants of one source from which uses are drawn that name none.
{{ config(materialized='table') }}

with

lots as (

    select * from {{ ref('int_credit_grant_versions') }}
    where is_current and version_reason is null and pool_id is not null

),

-- A customer or a unit that not all grants of the pool share is none of its own.
described as (

    select
        source_system,
        pool_id,
        case when min(customer_id) = max(customer_id) then min(customer_id) end as customer_id,
        case when min(credit_unit) = max(credit_unit) then min(credit_unit) end as credit_unit
    from lots
    group by source_system, pool_id

),

numbered as (

    select
        *,
        cast(
            row_number() over (order by {{ key_hash(['source_system', 'pool_id']) }}) as integer
        ) as pool_number
    from described

),

final as (

    select
        *,
        {{ burn_order() }} as burn_order_policy
    from numbered

)

select * from final
