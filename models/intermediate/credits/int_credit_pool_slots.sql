-- One row per pool and instant at which a grant of it starts or ends. Between two of
-- them the same grants may be drawn.
{{ config(materialized='table') }}

with

lots as (

    select * from {{ ref('int_credit_pool_lots') }}

),

final as (

    {{ pool_slots('lots') }}

)

select * from final
