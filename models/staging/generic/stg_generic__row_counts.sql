{{ config(enabled='generic' in var('sources') | string) }}

with

credit_grants as (

    select * from {{ raw('generic', 'credit_grants') }}

),

credit_entries as (

    select * from {{ raw('generic', 'credit_entries') }}

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
