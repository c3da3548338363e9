-- The deferred revenue of a grant is never negative, never more than was granted,
-- and exactly zero once no units remain, but for what is held for a law.
with

grant_periods as (

    select * from {{ ref('fct_credit_grant_periods') }}

)

select
    source_system,
    grant_id,
    accounting_period,
    closing_units,
    closing_deferred_minor,
    granted_to_date_minor
from grant_periods
where
    closing_deferred_minor < 0
    or closing_deferred_minor > granted_to_date_minor
    or (closing_units <= 0 and closing_deferred_minor <> 0)
