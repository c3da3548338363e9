-- One row per account that holds deferred revenue: deferred_revenue itself, and
-- those that items have of their own.
with

parts as (

    select * from {{ ref('int_service_line_parts') }}
    where is_scheduled

)

select 'deferred_revenue' as account

union

select position_account as account
from parts
