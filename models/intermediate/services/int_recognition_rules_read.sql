-- One row per row of the seed: its values, and what is wrong with it when it is
-- looked at alone.
with

parsed as (

    select * from {{ ref('int_recognition_rules_parsed') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

-- Which column has a text that is no value of its kind.
unread as (

    select
        parsed.*,
        currencies.currency is not null as is_known_currency,
        case
            when
                {{ cannot_be_read('parsed.raw_rule_priority', 'parsed.rule_priority') }}
                or parsed.rule_priority <> trunc(parsed.rule_priority) then 'rule_priority'
            when
                {{ cannot_be_read('parsed.raw_effective_from', 'parsed.effective_from') }}
                then 'effective_from'
            when
                {{ cannot_be_read('parsed.raw_effective_to', 'parsed.effective_to') }}
                then 'effective_to'
            when {{ cannot_be_read('parsed.raw_known_at', 'parsed.known_at') }} then 'known_at'
            when
                {{ cannot_be_read('parsed.raw_amount_equals', 'parsed.amount_equals') }}
                then 'amount_equals'
            when
                {{ cannot_be_read('parsed.raw_has_period', 'parsed.has_period') }}
                then 'has_period'
            when {{ cannot_be_read('parsed.raw_allocation_percent', 'parsed.allocation_percent') }}
                then 'allocation_percent'
            when
                {{ cannot_be_read('parsed.raw_start_offset', 'parsed.start_offset') }}
                or parsed.start_offset <> trunc(parsed.start_offset) then 'start_offset'
            when
                {{ cannot_be_read('parsed.raw_duration', 'parsed.duration') }}
                or parsed.duration <> trunc(parsed.duration) then 'duration'
            when
                {{ cannot_be_read('parsed.raw_recognise_on', 'parsed.recognise_on') }}
                then 'recognise_on'
            when
                {{ cannot_be_read('parsed.raw_backstop_months', 'parsed.backstop_months') }}
                or parsed.backstop_months <> trunc(parsed.backstop_months) then 'backstop_months'
        end as unread_column
    from parsed
    left join currencies
        on parsed.currency = currencies.currency

),

judged as (

    select
        *,
        case
            when unread_column is not null then unread_column || ' cannot be read'
            when rule_name is null then 'rule_name is empty'
            when rule_priority is null then 'rule_priority is empty'
            when known_at is null then 'known_at is empty'
            when effective_to <= effective_from then 'effective_to is not after effective_from'
            when
                source_system not in (
                    '{{ source_registry() | join("',
                    '") }}'
                )
                then 'source_system is none that revrec knows'
            when currency is not null and not is_known_currency
                then 'currency is not in currencies'
            when coalesce(treatment, '') not in (
                'amortise_service_period', 'amortise_custom_period', 'at_point_in_time', 'defer',
                'credit_purchase', 'tax', 'passthrough', 'exclude'
            ) then 'treatment is none that revrec knows'
            when allocation_percent is null then 'allocation_percent is empty'
            when allocation_percent <= 0 or allocation_percent > 100
                then 'allocation_percent is not over 0 to 100'
            when treatment <> 'amortise_custom_period' and (
                start_offset is not null or start_offset_unit is not null
                or duration is not null or duration_unit is not null
            ) then 'start_offset and duration are for amortise_custom_period'
            when treatment <> 'at_point_in_time' and recognise_on is not null
                then 'recognise_on is for at_point_in_time'
            when treatment <> 'defer' and backstop_months is not null
                then 'backstop_months is for defer'
            when treatment = 'amortise_custom_period' and duration is null
                then 'amortise_custom_period needs a duration'
            when duration <= 0 then 'duration is not over 0'
            when start_offset < 0 then 'start_offset is negative'
            when backstop_months <= 0 then 'backstop_months is not over 0'
            when
                duration is not null
                and coalesce(duration_unit, '') not in ('days', 'months', 'years')
                then 'duration_unit is not days, months or years'
            when
                coalesce(start_offset_unit, 'days') not in ('days', 'months', 'years')
                or (start_offset is not null and start_offset_unit is null)
                or (start_offset is null and start_offset_unit is not null)
                then 'start_offset needs start_offset_unit days, months or years'
        end as row_problem
    from unread

)

select * from judged
