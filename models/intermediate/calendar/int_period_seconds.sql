-- One row per accounting period with its bounds as instants: seconds since 1970.
with

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

bounded as (

    select
        period_index,
        starts_on,
        {{ add_days('ends_on', 1) }} as next_starts_on
    from periods

)

select
    *,
    {{ days_between('starts_on', 'next_starts_on') }} as day_count,
    {{ epoch_seconds(day_start_in_utc('starts_on', accounting_timezone())) }} as starts_second,
    {{ epoch_seconds(day_start_in_utc('next_starts_on', accounting_timezone())) }}
        as next_starts_second
from bounded
