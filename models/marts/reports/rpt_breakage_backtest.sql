-- depends_on: {{ ref('rec_seal_breaks') }}
-- What each estimate of breakage, past or present, predicted, against what happened, and
-- what one percentage point of it is worth today.
with

estimates as (

    select * from {{ ref('int_breakage_estimates') }}
    where problem is null and is_counted

),

results as (

    select * from {{ ref('int_breakage_estimate_results') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

last_period as (

    select * from {{ ref('int_last_ended_period') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

-- An estimate that never acted has results of nothing.
final as (

    select
        estimates.estimate_key,
        estimates.product_id,
        estimates.credit_unit,
        estimates.category,
        estimates.term_months,
        estimates.grant_month,
        cast(estimates.estimated_rate as numeric(7, 6)) as expected_unexercised_rate,
        estimates.effective_from,
        estimates.known_at,
        estimates.estimate_source,
        estimates.approved_by,
        estimates.memo,
        acting_periods.accounting_period as acts_from,
        replaced_periods.accounting_period as was_replaced_on,
        results.source_system,
        results.currency,
        coalesce(results.grant_count, 0) as grant_count,
        coalesce(results.granted_units, 0) as granted_units,
        coalesce(results.ended_grant_count, 0) as ended_grant_count,
        coalesce(results.ended_granted_units, 0) as ended_granted_units,
        coalesce(results.predicted_unexercised_units, 0) as predicted_unexercised_units,
        coalesce(results.actual_unexercised_units, 0) as actual_unexercised_units,
        coalesce(results.difference_units, 0) as difference_units,
        {{ unit_share('results.actual_unexercised_units', 'results.ended_granted_units') }}
            as actual_unexercised_share,
        coalesce(results.open_granted_units, 0) as open_granted_units,
        coalesce(results.open_exercised_units, 0) as open_exercised_units,
        coalesce(results.acting_grant_count, 0) as acting_grant_count,
        coalesce(results.one_point_up_minor, 0) as one_point_up_minor,
        coalesce(results.one_point_down_minor, 0) as one_point_down_minor,
        coalesce(currencies.minor_unit, 1) as minor_unit
    from estimates
    inner join periods as acting_periods
        on estimates.posting_period_index = acting_periods.period_index
    cross join last_period
    left join results
        on estimates.estimate_key = results.estimate_key
    left join periods as replaced_periods
        on
            results.replaced_period_index = replaced_periods.period_index
            and last_period.period_index >= results.replaced_period_index
    left join currencies
        on results.currency = currencies.currency

)

select
    estimate_key,
    product_id,
    credit_unit,
    category,
    term_months,
    grant_month,
    expected_unexercised_rate,
    effective_from,
    known_at,
    estimate_source,
    approved_by,
    memo,
    acts_from,
    was_replaced_on,
    source_system,
    currency,
    cast(grant_count as bigint) as grant_count,
    cast(granted_units as numeric(38, 9)) as granted_units,
    cast(ended_grant_count as bigint) as ended_grant_count,
    cast(ended_granted_units as numeric(38, 9)) as ended_granted_units,
    cast(predicted_unexercised_units as numeric(38, 9)) as predicted_unexercised_units,
    cast(actual_unexercised_units as numeric(38, 9)) as actual_unexercised_units,
    cast(difference_units as numeric(38, 9)) as difference_units,
    actual_unexercised_share,
    cast(open_granted_units as numeric(38, 9)) as open_granted_units,
    cast(open_exercised_units as numeric(38, 9)) as open_exercised_units,
    cast(acting_grant_count as bigint) as acting_grant_count,
    cast(one_point_up_minor as bigint) as one_point_up_minor,
    cast(one_point_down_minor as bigint) as one_point_down_minor,
    {{ major_units('one_point_up_minor', 'minor_unit') }} as one_point_up_amount,
    {{ major_units('one_point_down_minor', 'minor_unit') }} as one_point_down_amount
from final
