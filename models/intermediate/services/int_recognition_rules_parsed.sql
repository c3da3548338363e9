with

rules as (

    select * from {{ raw('finance', 'recognition_rules') }}

),

parsed as (

    select
        {{ text_value('rule_name') }} as rule_name,
        {{ parse_decimal('rule_priority', 10, 1) }} as rule_priority,
        cast({{ parse_timestamp('effective_from') }} as date) as effective_from,
        cast({{ parse_timestamp('effective_to') }} as date) as effective_to,
        {{ parse_timestamp('known_at') }} as known_at,
        nullif(lower(trim(cast(source_system as varchar))), '') as source_system,
        nullif(upper(trim(cast(currency as varchar))), '') as currency,
        {{ text_value('product_id') }} as product_id,
        {{ text_value('price_id') }} as price_id,
        {{ text_value('customer_id') }} as customer_id,
        {{ text_value('email_contains') }} as email_contains,
        {{ text_value('description_contains') }} as description_contains,
        {{ parse_decimal('amount_equals', 19, 4) }} as amount_equals,
        case lower(trim(cast(has_period as varchar)))
            when 'true' then true
            when 'false' then false
        end as has_period,
        lower(trim(cast(treatment as varchar))) as treatment,
        {{ parse_decimal('allocation_percent', 9, 6) }} as allocation_percent,
        {{ parse_decimal('start_offset', 5, 1) }} as start_offset,
        nullif(lower(trim(cast(start_offset_unit as varchar))), '') as start_offset_unit,
        {{ parse_decimal('duration', 5, 1) }} as duration,
        nullif(lower(trim(cast(duration_unit as varchar))), '') as duration_unit,
        cast({{ parse_timestamp('recognise_on') }} as date) as recognise_on,
        {{ parse_decimal('backstop_months', 5, 1) }} as backstop_months,
        rule_priority as raw_rule_priority,
        effective_from as raw_effective_from,
        effective_to as raw_effective_to,
        known_at as raw_known_at,
        amount_equals as raw_amount_equals,
        has_period as raw_has_period,
        allocation_percent as raw_allocation_percent,
        start_offset as raw_start_offset,
        duration as raw_duration,
        recognise_on as raw_recognise_on,
        backstop_months as raw_backstop_months
    from rules

)

select * from parsed
