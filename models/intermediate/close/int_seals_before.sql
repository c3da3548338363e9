-- One row per seal of these books as this run found them, and whether it was retired.
-- Not a ref: fct_period_seals is appended to further right.
{{ config(materialized='table') }}

with

seals as (

    select * from {{ earlier_rows('fct_period_seals') }}
    where not {{ rebuilds_the_past() }}

),

retirements as (

    select seal_id from {{ earlier_rows('fct_seal_retirements') }}

),

final as (

    select
        seals.*,
        retirements.seal_id is not null as is_retired
    from seals
    left join retirements
        on seals.seal_id = retirements.seal_id
    where seals.books_id = '{{ books_id() }}'

)

select * from final
