with

invoiced as (

    select * from {{ ref('int_postings__service_invoiced') }}

),

recognised as (

    select * from {{ ref('int_postings__service_recognised') }}

),

reversed as (

    select * from {{ ref('int_postings__service_reversed') }}

),

excess as (

    select * from {{ ref('int_postings__service_excess') }}

),

settled as (

    select * from {{ ref('int_postings__settlements') }}

)

select * from invoiced

union all

select * from recognised

union all

select * from reversed

union all

select * from excess

union all

select * from settled
