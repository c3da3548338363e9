-- One row per line that counts and part: what it is worth, on which days it is
-- earned, and which accounts hold it. A part without days waits: deferred until
-- it is fulfilled, or a pending item that is earned when it is invoiced.
{{ config(materialized='table') }}

with

treatments as (

    select * from {{ ref('int_service_line_treatments') }}

),

-- Days first: an empty period of service is its first day.
begun as (

    select
        *,
        treatment in (
            'amortise_service_period', 'amortise_custom_period', 'at_point_in_time', 'defer'
        ) as is_scheduled,
        treatment = 'amortise_service_period' and starts_on is not null as has_service_period,
        case
            when treatment = 'amortise_service_period' then coalesce(starts_on, booked_date)
            when treatment = 'amortise_custom_period'
                then {{ add_calendar_units('booked_date', 'start_offset', 'start_offset_unit') }}
            when treatment = 'at_point_in_time' then coalesce(recognise_on, booked_date)
        end as part_starts_on
    from treatments

),

dated as (

    select
        *,
        case
            when treatment = 'amortise_custom_period'
                then {{ add_calendar_units('part_starts_on', 'duration', 'duration_unit') }}
            when has_service_period
                then greatest(ends_on, {{ add_days('part_starts_on', 1) }})
            else {{ add_days('part_starts_on', 1) }}
        end as part_ends_on,
        has_service_period and starts_at < ends_at as has_instants
    from begun

),

final as (

    select
        source_system,
        line_id,
        part_number,
        case
            when part_number = 0 then line_id || ':tax'
            when part_number = 1 then line_id
            else line_id || ':' || cast(part_number as varchar)
        end as obligation_id,
        invoice_id,
        customer_id,
        product_id,
        entity_id,
        currency,
        minor_unit,
        treatment,
        rule_name,
        case
            when rule_name is not null then 'recognition_rules: ' || rule_name
            when part_number = 0 then 'tax: as invoiced'
            when recognition_hint is not null then 'recognition_hint: ' || recognition_hint
            else 'schedule_granularity: ' || granularity
        end as policy,
        part_minor as amount_minor,
        part_starts_on as starts_on,
        part_ends_on as ends_on,
        case when has_instants then starts_at end as starts_at,
        case when has_instants then ends_at end as ends_at,
        -- Whole days have no seconds to spread by.
        case
            when granularity = 'by_second' and not coalesce(has_instants, false) then 'by_day'
            else granularity
        end as granularity,
        rounding,
        catch_up,
        recovery,
        reversal_timing,
        case
            when treatment = 'defer' then {{ add_months('booked_date', 'backstop_months') }}
        end as backstop_on,
        booked_date,
        booked_period_index,
        booked_effective_index,
        unbilled_date,
        unbilled_effective_index,
        known_floor_index,
        booked_floor_index,
        -- Days that come from the billing are known no earlier than the billing.
        case
            when has_service_period or recognise_on is not null then known_floor_index
            else greatest(known_floor_index, booked_floor_index)
        end as schedule_floor_index,
        booked_known_at,
        known_at,
        billing_account,
        case
            when is_scheduled then coalesce(deferred_account, 'deferred_revenue')
            when treatment = 'credit_purchase' then 'credit_clearing'
            when treatment = 'tax' then 'tax_liability'
            when treatment = 'passthrough' then 'passthrough_fees'
        end as position_account,
        case when is_scheduled then 'service_revenue' end as revenue_account,
        is_scheduled
    from dated

)

select * from final
