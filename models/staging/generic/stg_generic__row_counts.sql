{{ config(enabled='generic' in var('sources') | string) }}

with

credit_grants as (

    select * from {{ raw('generic', 'credit_grants') }}

),

credit_entries as (

    select * from {{ raw('generic', 'credit_entries') }}

),

service_lines as (

    select * from {{ raw('generic', 'service_lines') }}

),

invoices as (

    select * from {{ raw('generic', 'invoices') }}

),

line_events as (

    select * from {{ raw('generic', 'line_events') }}

),

line_event_splits as (

    select * from {{ raw('generic', 'line_event_splits') }}

),

settlements as (

    select * from {{ raw('generic', 'settlements') }}

),

fulfilments as (

    select * from {{ raw('generic', 'fulfilments') }}

),

customer_balances as (

    select * from {{ raw('generic', 'customer_balances') }}

)

select
    'generic' as source_system,
    'credit_grants' as source_table,
    'credit_grants' as shape,
    count(*) as rows_in
from credit_grants

union all

select
    'generic' as source_system,
    'credit_entries' as source_table,
    'credit_entries' as shape,
    count(*) as rows_in
from credit_entries

union all

select
    'generic' as source_system,
    'service_lines' as source_table,
    'service_lines' as shape,
    count(*) as rows_in
from service_lines

union all

select
    'generic' as source_system,
    'invoices' as source_table,
    'invoices' as shape,
    count(*) as rows_in
from invoices

union all

select
    'generic' as source_system,
    'line_events' as source_table,
    'line_events' as shape,
    count(*) as rows_in
from line_events

union all

select
    'generic' as source_system,
    'line_event_splits' as source_table,
    'line_event_splits' as shape,
    count(*) as rows_in
from line_event_splits

union all

select
    'generic' as source_system,
    'settlements' as source_table,
    'settlements' as shape,
    count(*) as rows_in
from settlements

union all

select
    'generic' as source_system,
    'fulfilments' as source_table,
    'fulfilments' as shape,
    count(*) as rows_in
from fulfilments

union all

select
    'generic' as source_system,
    'customer_balances' as source_table,
    'reference_rows' as shape,
    count(*) as rows_in
from customer_balances
