-- var('books_start'), where it is set, is the first day of an accounting period.
{{ config(group='revrec') }}

with

books_start as (

    select * from {{ ref('int_books_start') }}

)

select
    'books_start' as var,
    {{ books_start_value() }} as value,
    'the first day of an accounting period, such as ' || cast(starts_on as varchar) as allowed
from books_start
where starts_on <> {{ books_start_value() }}
