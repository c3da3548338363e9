with

entries as (

    select * from {{ ref('int_books_entries') }}

)

select * from entries
