{{ config(enabled='recurly' in var('sources') | string) }}

with

invoices as (

    select * from {{ raw('recurly', 'invoices') }}

),

line_items as (

    select * from {{ raw('recurly', 'line_items') }}

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
