-- One row per step of a pool and grant drawn in it: the units drawn.
{{ config(materialized='table') }}

with

changes as (

    select * from {{ ref('int_credit_pool_step_changes') }}

),

final as (

    {{ draw_down('changes') }}

)

select * from final
