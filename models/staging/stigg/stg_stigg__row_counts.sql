{{ config(enabled='stigg' in var('sources') | string) }}

with

credit_grants as (

    select * from {{ raw('stigg', 'credit_grants') }}

),

credit_ledger as (

    select * from {{ raw('stigg', 'credit_ledger') }}

)

select
    'stigg' as source_system,
    'credit_grants' as source_table,
    'credit_grants' as shape,
    count(*) as rows_in
from credit_grants

union all

select
    'stigg' as source_system,
    'credit_ledger' as source_table,
    'credit_entries' as shape,
    count(*) as rows_in
from credit_ledger
