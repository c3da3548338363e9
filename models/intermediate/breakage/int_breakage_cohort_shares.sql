-- One row per cohort and accounting period with a movement, from that in which it first was
-- closed (no grant of it has units left, or a term that goes on): whether it is, and the
-- share of its units that expired.
{{ config(materialized='table') }}

with

changes as (

    select * from {{ ref('int_breakage_cohort_changes') }}

),

-- In book order: what comes late changes the share from the period where it posts.
cumulated as (

    select
        kind_key,
        source_system,
        product_id,
        credit_unit,
        funding,
        term_months,
        grant_month,
        accounting_period_index,
        sum(granted_units) over book_order as granted_units,
        sum(expired_units) over book_order as expired_units,
        sum(opened_grants) over book_order as open_grants,
        lead(accounting_period_index) over (
            partition by kind_key, grant_month order by accounting_period_index
        ) as next_period_index
    from changes
    window book_order as (
        partition by kind_key, grant_month
        order by accounting_period_index
        rows between unbounded preceding and current row
    )

),

-- A cohort of which everything was revoked has nothing that could go unexercised.
marked as (

    select
        *,
        open_grants = 0 and granted_units > 0 as is_closed
    from cumulated

),

final as (

    select
        *,
        max(case when is_closed then 1 else 0 end) over (
            partition by kind_key, grant_month order by accounting_period_index
            rows between unbounded preceding and current row
        ) as was_closed
    from marked

)

select
    kind_key,
    source_system,
    product_id,
    credit_unit,
    funding,
    term_months,
    grant_month,
    accounting_period_index as period_index,
    next_period_index,
    is_closed,
    case when is_closed then {{ unit_share('expired_units', 'granted_units') }} end
        as unexercised_share
from final
where was_closed = 1
