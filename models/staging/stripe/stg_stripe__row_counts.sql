{{ config(enabled='stripe' in var('sources') | string) }}

with

invoices as (

    select * from {{ raw('stripe', 'invoices') }}

),

invoice_line_items as (

    select * from {{ raw('stripe', 'invoice_line_items') }}

),

invoice_items as (

    select * from {{ raw('stripe', 'invoice_items') }}

),

charges as (

    select * from {{ raw('stripe', 'charges') }}

),

refunds as (

    select * from {{ raw('stripe', 'refunds') }}

),

disputes as (

    select * from {{ raw('stripe', 'disputes') }}

),

credit_notes as (

    select * from {{ raw('stripe', 'credit_notes') }}

),

credit_note_line_items as (

    select * from {{ raw('stripe', 'credit_note_line_items') }}

),

customer_balance_transactions as (

    select * from {{ raw('stripe', 'customer_balance_transactions') }}

),

balance_transactions as (

    select * from {{ raw('stripe', 'balance_transactions') }}

),

customers as (

    select * from {{ raw('stripe', 'customers') }}

),

products as (

    select * from {{ raw('stripe', 'products') }}

),

prices as (

    select * from {{ raw('stripe', 'prices') }}

),

billing_credit_grants as (

    select * from {{ raw('stripe', 'billing_credit_grants') }}

),

billing_credit_grant_metadata as (

    select * from {{ raw('stripe', 'billing_credit_grant_metadata') }}

),

billing_credit_balance_transactions as (

    select * from {{ raw('stripe', 'billing_credit_balance_transactions') }}

)

select
    'stripe' as source_system,
    'invoices' as source_table,
    'invoices' as shape,
    count(*) as rows_in
from invoices

union all

select
    'stripe' as source_system,
    'invoice_line_items' as source_table,
    'service_lines' as shape,
    count(*) as rows_in
from invoice_line_items

union all

select
    'stripe' as source_system,
    'invoice_items' as source_table,
    'service_lines' as shape,
    count(*) as rows_in
from invoice_items

union all

select
    'stripe' as source_system,
    'charges' as source_table,
    'settlements' as shape,
    count(*) as rows_in
from charges

union all

select
    'stripe' as source_system,
    'refunds' as source_table,
    'line_events' as shape,
    count(*) as rows_in
from refunds

union all

select
    'stripe' as source_system,
    'disputes' as source_table,
    'line_events' as shape,
    count(*) as rows_in
from disputes

union all

select
    'stripe' as source_system,
    'credit_notes' as source_table,
    'line_events' as shape,
    count(*) as rows_in
from credit_notes

union all

select
    'stripe' as source_system,
    'credit_note_line_items' as source_table,
    'line_event_splits' as shape,
    count(*) as rows_in
from credit_note_line_items

union all

select
    'stripe' as source_system,
    'customer_balance_transactions' as source_table,
    'settlements' as shape,
    count(*) as rows_in
from customer_balance_transactions

union all

select
    'stripe' as source_system,
    'balance_transactions' as source_table,
    'settlements' as shape,
    count(*) as rows_in
from balance_transactions

union all

select
    'stripe' as source_system,
    'customers' as source_table,
    'customer_balances' as shape,
    count(*) as rows_in
from customers

union all

select
    'stripe' as source_system,
    'products' as source_table,
    'reference_rows' as shape,
    count(*) as rows_in
from products

union all

select
    'stripe' as source_system,
    'prices' as source_table,
    'reference_rows' as shape,
    count(*) as rows_in
from prices

union all

select
    'stripe' as source_system,
    'billing_credit_grants' as source_table,
    'credit_grants' as shape,
    count(*) as rows_in
from billing_credit_grants

union all

select
    'stripe' as source_system,
    'billing_credit_grant_metadata' as source_table,
    'reference_rows' as shape,
    count(*) as rows_in
from billing_credit_grant_metadata

union all

select
    'stripe' as source_system,
    'billing_credit_balance_transactions' as source_table,
    'credit_entries' as shape,
    count(*) as rows_in
from billing_credit_balance_transactions
