-- What only gives terms: schedules, tiers and subscriptions.
{{ config(enabled='metering' in var('sources') | string) }}

with

schedules as (

    select * from {{ ref('stg_metering__rate_schedules') }}

),

tiers as (

    select * from {{ ref('stg_metering__rate_tiers') }}

),

subscriptions as (

    select * from {{ ref('stg_metering__usage_subscriptions') }}

)

select
    source_system,
    source_table,
    source_key,
    row_reason
from schedules

union all

select
    source_system,
    source_table,
    source_key,
    row_reason
from tiers

union all

select
    source_system,
    source_table,
    source_key,
    row_reason
from subscriptions
