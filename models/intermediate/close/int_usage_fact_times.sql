-- One row per group of usage events, use that credits cover and usage invoice in the
-- books: where it posts, and when the newest of its rows was recorded.
with

uses as (

    select * from {{ ref('int_usage_uses') }}

),

coverage as (

    select * from {{ ref('int_usage_coverage') }}
    where usage_period_id is not null

),

invoices as (

    select * from {{ ref('int_usage_invoices') }}
    where invoice_reason is null

)

select
    source_system,
    'usage' as obligation_type,
    usage_period_id as obligation_id,
    accounting_period_index,
    effective_period_index,
    newest_known_at as known_at
from uses

union all

select
    source_system,
    'usage' as obligation_type,
    usage_period_id as obligation_id,
    accounting_period_index,
    effective_period_index,
    known_at
from coverage

union all

select
    source_system,
    'usage' as obligation_type,
    usage_period_id as obligation_id,
    accounting_period_index,
    effective_period_index,
    finalised_at as known_at
from invoices
