-- U1 to U4 in the columns of rec_tie_outs: the totals per source and currency, and each
-- usage period that does not tie.
{{ config(materialized='table') }}

with

states as (

    select * from {{ ref('int_usage_period_states') }}

),

as_of_period as (

    select * from {{ ref('int_as_of_period') }}

),

rated as (

    select
        *,
        {{ rated_minor('rated_value', 'minor_units') }} as rated_minor,
        recognition = 'estimate_constrained' and not has_ended as is_estimated
    from states

),

-- What is revenue while no invoice has come: the meter's value, and what it falls short
-- of a minimum. Only an estimate is what the steps say.
measured as (

    select
        *,
        case when is_estimated then recognised_minor else rated_minor end
        + case
            when
                has_ended
                and has_minimum
                and shortfall_account <> 'at_invoice'
                and period_reason is null
                then greatest(minimum_minor - rated_minor, 0)
            else 0
        end as earned_minor
    from rated

),

ties as (

    -- What the meter's total is worth is revenue; the difference is what an estimate, a
    -- minimum or an invoice says beside the meter.
    select
        'U1_usage_revenue' as tie_out,
        'minor' as measure,
        source_system,
        currency,
        usage_period_id,
        cast(rated_minor as numeric(38, 9)) as expected,
        cast(revenue_minor as numeric(38, 9)) as actual,
        cast(
            case
                when is_invoiced then rated_minor - invoiced_minor
                else rated_minor - earned_minor
            end as numeric(38, 9)
        ) as explained
    from measured

    union all

    select
        'U2_unbilled_receivable' as tie_out,
        'minor' as measure,
        source_system,
        currency,
        usage_period_id,
        cast(
            case
                when is_invoiced then 0
                else earned_minor - invoiced_minor
            end as numeric(38, 9)
        ) as expected,
        cast(unbilled_minor as numeric(38, 9)) as actual,
        cast(0 as numeric(38, 9)) as explained
    from measured

    union all

    select
        'U3_usage_invoiced' as tie_out,
        'minor' as measure,
        source_system,
        currency,
        usage_period_id,
        cast(invoiced_minor as numeric(38, 9)) as expected,
        cast(receivable_minor as numeric(38, 9)) as actual,
        cast(0 as numeric(38, 9)) as explained
    from measured

    union all

    select
        'U4_usage_quantity' as tie_out,
        'units' as measure,
        source_system,
        currency,
        usage_period_id,
        cast(metered_quantity as numeric(38, 9)) as expected,
        cast(booked_quantity as numeric(38, 9)) as actual,
        cast(0 as numeric(38, 9)) as explained
    from measured

),

listed as (

    select
        tie_out,
        measure,
        source_system,
        currency,
        'total' as subject_type,
        cast(null as varchar) as subject_id,
        cast(sum(expected) as numeric(38, 9)) as expected,
        cast(sum(actual) as numeric(38, 9)) as actual,
        cast(sum(explained) as numeric(38, 9)) as explained
    from ties
    group by tie_out, measure, source_system, currency

    union all

    select
        tie_out,
        measure,
        source_system,
        currency,
        'usage' as subject_type,
        usage_period_id as subject_id,
        expected,
        actual,
        explained
    from ties
    where expected - actual <> explained

)

select
    listed.tie_out,
    listed.measure,
    listed.source_system,
    as_of_period.accounting_period,
    listed.currency,
    listed.subject_type,
    listed.subject_id,
    listed.expected,
    listed.actual,
    listed.explained
from listed
cross join as_of_period
