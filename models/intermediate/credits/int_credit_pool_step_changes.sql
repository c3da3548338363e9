-- One row per pool, step and grant that enters or changes there, and one (burn_rank 0)
-- for what is used in the step: all that int_credit_draws looks up.
{{ config(materialized='table', indexes=lookup_index(['pool_number', 'step'])) }}

with

steps as (

    select * from {{ ref('int_credit_pool_steps') }}

),

lots as (

    select * from {{ ref('int_credit_pool_lots') }}

),

lot_changes as (

    select * from {{ ref('int_credit_pool_lot_changes') }}

),

slots as (

    select * from {{ ref('int_credit_pool_slots') }}

),

final as (

    {{ step_changes('steps', 'lots', 'lot_changes', 'slots') }}

)

select * from final
