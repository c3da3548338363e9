-- One row per step of a pool: the uses that follow each other in book order while the
-- same grants may be drawn. So there are no more steps than starts, ends and periods.
{{ config(materialized='table') }}

with

uses as (

    select * from {{ ref('int_credit_pool_uses') }}

),

final as (

    {{ pool_steps('uses') }}

)

select * from final
