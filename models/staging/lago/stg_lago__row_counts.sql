-- Several canonical rows may come of one raw row, so all are counted as reference rows:
-- by raw table and key.
{{ config(enabled='lago' in var('sources') | string) }}

with

wallets as (

    select * from {{ raw('lago', 'exports_wallets') }}

),

transactions as (

    select * from {{ raw('lago', 'exports_wallet_transactions') }}

),

consumptions as (

    select * from {{ raw('lago', 'exports_wallet_transaction_consumptions') }}

),

counts as (

    select
        'exports_wallets' as source_table,
        count(*) as rows_in
    from wallets

    union all

    select
        'exports_wallet_transactions' as source_table,
        count(*) as rows_in
    from transactions

    union all

    select
        'exports_wallet_transaction_consumptions' as source_table,
        count(*) as rows_in
    from consumptions

)

select
    'lago' as source_system,
    source_table,
    'reference_rows' as shape,
    rows_in
from counts
