-- One row per usage period: its terms, from which accounting period on it may be
-- recognised, or why it is not in the books.
{{ config(materialized='table') }}

with

terms as (

    select * from {{ ref('int_usage_period_terms') }}

),

uses as (

    select * from {{ ref('int_usage_uses') }}

),

estimates as (

    select * from {{ ref('int_usage_period_estimates') }}

),

-- The most that the running quantity can be.
used as (

    select
        usage_period_id,
        max(
            case
                when aggregation in ('sum', 'unique') then 0
                else abs(coalesce(latest_quantity, greatest_quantity))
            end
        )
        + sum(case when aggregation = 'sum' then turnover else 0 end)
        + count(distinct counted_value) as turnover
    from uses
    group by usage_period_id

),

estimated as (

    select
        usage_period_id,
        min(from_period_index) as period_index,
        max(unit_price) as most_price
    from estimates
    group by usage_period_id

),

joined as (

    select
        terms.*,
        used.usage_period_id is not null as is_used,
        coalesce(used.turnover, 0) as turnover,
        greatest(terms.most_price, coalesce(estimated.most_price, 0)) as dearest_price,
        case terms.recognition
            when 'right_to_invoice' then 1
            when 'at_period_end' then case when terms.has_ended then terms.end_period_index end
            when 'estimate_constrained'
                then least(
                    estimated.period_index,
                    case when terms.has_ended then terms.end_period_index end
                )
        end as recognised_from_index
    from terms
    left join used
        on terms.usage_period_id = used.usage_period_id
    left join estimated
        on terms.usage_period_id = estimated.usage_period_id

)

select
    *,
    case
        -- 10^20 units of 10^-9 and 10^34 units of 10^-21: nothing is multiplied before.
        when turnover >= 100000000000 then 'out_of_range'
        when
            cast(turnover as numeric(28, 0)) + 1
            > {{ wide_divide('10000000000000000000000000', 'dearest_price + 1') }}
            then 'out_of_range'
        when recognised_from_index is null then
            case
                when recognition = 'at_period_end' then 'billing_period_running'
                when asked_recognition = 'right_to_invoice' then 'right_to_invoice_refused'
                else 'missing_usage_estimate'
            end
    end as period_reason
from joined
