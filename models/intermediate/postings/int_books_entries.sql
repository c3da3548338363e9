-- One row per derived entry of these books.
with

entries as (

    select * from {{ ref('int_derived_entries') }}

)

select * from entries
