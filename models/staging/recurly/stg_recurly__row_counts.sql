{{ config(enabled='recurly' in var('sources') | string) }}

with

invoices as (

    select * from {{ raw('recurly', 'invoices') }}

),

line_items as (

    select * from {{ raw('recurly', 'line_items') }}

),

credit_payments as (

    select * from {{ raw('recurly', 'credit_payments') }}

)

select
    'recurly' as source_system,
    'invoices' as source_table,
    'invoices' as shape,
    count(*) as rows_in
from invoices

union all

select
    'recurly' as source_system,
    'line_items' as source_table,
    'service_lines' as shape,
    count(*) as rows_in
from line_items

union all

select
    'recurly' as source_system,
    'credit_payments' as source_table,
    'credit_entries' as shape,
    count(*) as rows_in
from credit_payments
