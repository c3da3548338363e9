-- One row per tier of a schedule: its bounds in 10^-9 units, its prices in 10^-12 of a
-- major unit, and what is wrong with it.
{{ config(materialized='table') }}

with

tiers as (

    select * from {{ ref('int_rate_tiers_unioned') }}
    where copy_number = 1 and rate_schedule_id is not null

),

bounded as (

    select
        source_system,
        rate_schedule_id,
        tier,
        row_reason,
        up_to,
        coalesce(unit_amount, 0) as unit_amount,
        coalesce(flat_amount, 0) as flat_amount,
        package_size,
        coalesce(lag(up_to) over (
            partition by source_system, rate_schedule_id order by tier
        ), 0) as above,
        count(*) over (partition by source_system, rate_schedule_id, tier) > 1 as is_repeated,
        lead(tier) over (
            partition by source_system, rate_schedule_id order by tier
        ) is null as is_last
    from tiers

),

final as (

    select
        source_system,
        rate_schedule_id,
        tier,
        package_size is not null as has_package,
        {{ nano_units('above') }} as lower_nano,
        {{ nano_units('up_to') }} as upper_nano,
        {{ price_integer('unit_amount') }} as unit_price,
        {{ price_integer('flat_amount') }} as flat_price,
        {{ nano_units('package_size') }} as package_nano,
        coalesce(
            row_reason is not null
            or tier is null
            or is_repeated
            or is_last <> (up_to is null)
            or up_to <= above,
            false
        ) as is_invalid
    from bounded

)

select * from final
