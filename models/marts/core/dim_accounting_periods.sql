with

monthly as (

    select * from {{ ref('int_monthly_periods') }}
    where '{{ calendar_name() }}' = 'monthly'

),

weekly as (

    select * from {{ ref('int_week_periods') }}
    where '{{ calendar_name() }}' <> 'monthly'

),

final as (

    select * from monthly

    union all

    select * from weekly

)

select
    accounting_period,
    period_index,
    starts_on,
    ends_on,
    fiscal_quarter,
    fiscal_year
from final
