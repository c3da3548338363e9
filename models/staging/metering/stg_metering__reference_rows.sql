-- What only gives terms: tiers and subscriptions. Schedules do too, but whether one can
-- rate is known with its tiers.
{{ config(enabled='metering' in var('sources') | string) }}

with

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
from tiers

union all

select
    source_system,
    source_table,
    source_key,
    row_reason
from subscriptions
