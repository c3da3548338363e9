-- One row per step of a pool and grant drawn in it: the units drawn.
{{ config(materialized='table') }}

with

steps as (

    select * from {{ ref('int_credit_pool_steps') }}

),

changes as (

    select * from {{ ref('int_credit_pool_step_changes') }}

),

final as (

    {{ draw_down('steps', 'changes') }}

)

select * from final
