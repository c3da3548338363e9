-- The deferred revenue of a grant is never negative, never more than was granted,
-- and exactly zero once no units remain, but for what is held for a law.
with

grant_periods as (

    select * from {{ ref('fct_credit_grant_periods') }}

),

breakage as (

    select * from {{ ref('fct_credit_breakage') }}

),

judged as (

    select
        *,
        closing_deferred_minor < 0
        or closing_deferred_minor > granted_to_date_minor as is_out_of_bounds
    from grant_periods
    where
        closing_deferred_minor < 0
        or closing_deferred_minor > granted_to_date_minor
        or (closing_units <= 0 and closing_deferred_minor <> 0)

),

-- What the grant's latest row says is held.
held as (

    select
        judged.source_system,
        judged.grant_id,
        judged.accounting_period,
        breakage.held_minor,
        row_number() over (
            partition by judged.source_system, judged.grant_id, judged.accounting_period
            order by breakage.accounting_period desc
        ) as recency
    from judged
    inner join breakage
        on
            judged.source_system = breakage.source_system
            and judged.grant_id = breakage.grant_id
            and judged.accounting_period >= breakage.accounting_period

)

select
    judged.source_system,
    judged.grant_id,
    judged.accounting_period,
    judged.closing_units,
    judged.closing_deferred_minor,
    judged.granted_to_date_minor,
    held.held_minor
from judged
left join held
    on
        judged.source_system = held.source_system
        and judged.grant_id = held.grant_id
        and judged.accounting_period = held.accounting_period
        and held.recency = 1
where
    judged.is_out_of_bounds
    or judged.closing_deferred_minor <> coalesce(held.held_minor, 0)
