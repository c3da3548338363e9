{{ config(enabled='netsuite' in var('sources') | string) }}

with

invoices as (

    select * from {{ raw('netsuite', 'invoices') }}

),

invoice_lines as (

    select * from {{ raw('netsuite', 'invoice_lines') }}

),

credit_memos as (

    select * from {{ raw('netsuite', 'credit_memos') }}

),

credit_memo_lines as (

    select * from {{ raw('netsuite', 'credit_memo_lines') }}

),

items as (

    select * from {{ raw('netsuite', 'items') }}

)

select
    'netsuite' as source_system,
    'invoices' as source_table,
    'invoices' as shape,
    count(*) as rows_in
from invoices

union all

select
    'netsuite' as source_system,
    'invoice_lines' as source_table,
    'service_lines' as shape,
    count(*) as rows_in
from invoice_lines

union all

select
    'netsuite' as source_system,
    'credit_memos' as source_table,
    'reference_rows' as shape,
    count(*) as rows_in
from credit_memos

union all

select
    'netsuite' as source_system,
    'credit_memo_lines' as source_table,
    'service_lines' as shape,
    count(*) as rows_in
from credit_memo_lines

union all

select
    'netsuite' as source_system,
    'items' as source_table,
    'reference_rows' as shape,
    count(*) as rows_in
from items
