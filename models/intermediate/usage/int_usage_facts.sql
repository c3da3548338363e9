-- Everything that changes what a usage period is worth, placed in book order: use,
-- values carried from before, use that credits paid, estimates, and the end. What
-- comes before the period may be recognised waits for that.
with

periods as (

    select * from {{ ref('int_usage_periods') }}
    where period_reason is null

),

uses as (

    select * from {{ ref('int_usage_uses') }}

),

-- The first use of a value counts it; the others of the billing period do not.
counted as (

    select
        *,
        case
            when
                aggregation = 'unique'
                and row_number() over (
                    partition by usage_period_id, counted_value
                    order by accounting_period_index, effective_period_index, segment_starts_at
                ) = 1
                then 1
            else 0
        end as new_values
    from uses

),

carried as (

    select * from {{ ref('int_usage_carried') }}

),

coverage as (

    select * from {{ ref('int_usage_coverage') }}
    where usage_period_id is not null

),

estimates as (

    select * from {{ ref('int_usage_period_estimates') }}

),

as_of_period as (

    select * from {{ ref('int_as_of_period') }}

),

facts as (

    select
        usage_period_id,
        accounting_period_index,
        effective_period_index,
        segment_number,
        segment_starts_at,
        case when aggregation = 'unique' then new_values else quantity end as quantity,
        greatest_quantity,
        latest_at,
        latest_quantity,
        0 as covered_quantity,
        row_count,
        last_date
    from counted

    union all

    select
        usage_period_id,
        accounting_period_index,
        effective_period_index,
        segment_number,
        segment_starts_at,
        0 as quantity,
        cast(null as numeric(28, 9)) as greatest_quantity,
        latest_at,
        latest_quantity,
        0 as covered_quantity,
        0 as row_count,
        last_date
    from carried

    union all

    select
        usage_period_id,
        accounting_period_index,
        effective_period_index,
        segment_number,
        segment_starts_at,
        0 as quantity,
        cast(null as numeric(28, 9)) as greatest_quantity,
        cast(null as timestamp) as latest_at,
        cast(null as numeric(28, 9)) as latest_quantity,
        covered_quantity,
        0 as row_count,
        accounting_date as last_date
    from coverage

    union all

    -- An estimate known before counts from the beginning of the billing period.
    select
        estimates.usage_period_id,
        estimates.from_period_index as accounting_period_index,
        estimates.from_period_index as effective_period_index,
        periods.opening_segment_number as segment_number,
        periods.opening_starts_at as segment_starts_at,
        0 as quantity,
        cast(null as numeric(28, 9)) as greatest_quantity,
        cast(null as timestamp) as latest_at,
        cast(null as numeric(28, 9)) as latest_quantity,
        0 as covered_quantity,
        0 as row_count,
        cast(null as date) as last_date
    from estimates
    inner join periods
        on estimates.usage_period_id = periods.usage_period_id
    cross join as_of_period
    where estimates.from_period_index <= as_of_period.period_index

    union all

    -- At the end an estimate gives way to the value, and a minimum falls due.
    select
        usage_period_id,
        end_period_index as accounting_period_index,
        end_period_index as effective_period_index,
        opening_segment_number as segment_number,
        opening_starts_at as segment_starts_at,
        0 as quantity,
        cast(null as numeric(28, 9)) as greatest_quantity,
        cast(null as timestamp) as latest_at,
        cast(null as numeric(28, 9)) as latest_quantity,
        0 as covered_quantity,
        0 as row_count,
        ends_on as last_date
    from periods
    where
        has_ended
        and (
            recognition = 'estimate_constrained'
            or (has_minimum and shortfall_account <> 'at_invoice')
        )

)

select
    facts.usage_period_id,
    -- Of two values of one instant the one that posts later is the last, also where both
    -- wait for the same period.
    facts.accounting_period_index as known_period_index,
    greatest(facts.accounting_period_index, periods.recognised_from_index)
        as accounting_period_index,
    case
        when facts.accounting_period_index < periods.recognised_from_index
            then periods.recognised_from_index
        else facts.effective_period_index
    end as effective_period_index,
    facts.segment_number,
    facts.segment_starts_at,
    facts.quantity,
    facts.greatest_quantity,
    facts.latest_at,
    facts.latest_quantity,
    facts.covered_quantity,
    facts.row_count,
    facts.last_date
from facts
inner join periods
    on facts.usage_period_id = periods.usage_period_id
