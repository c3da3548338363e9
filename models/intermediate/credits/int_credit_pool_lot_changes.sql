-- One row per grant of a pool and accounting period: what rows that name the grant
-- change of its units. They post as int_credit_movements says.
{{ config(materialized='table') }}

with

entries as (

    select * from {{ ref('int_credit_entries_reasoned') }}
    where grant_id is not null and row_reason is null

),

lots as (

    select * from {{ ref('int_credit_pool_lots') }}

),

close_intervals as (

    select * from {{ ref('int_close_intervals') }}

),

final as (

    {{ lot_changes('entries', 'lots', 'close_intervals') }}

)

select * from final
