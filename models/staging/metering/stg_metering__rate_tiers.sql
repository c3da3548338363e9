{{ config(enabled='metering' in var('sources') | string) }}

with

source as (

    select * from {{ raw('metering', 'rate_tiers') }}

),

named as (

    select
        *,
        {{ text_value('rate_schedule_id') }} || ':' || {{ text_value('tier') }} as tier_id
    from source

),

copies as (

    {{ mark_copies('named', 'tier_id', ['up_to', 'unit_amount', 'flat_amount', 'package_size']) }}

),

renamed as (

    select
        source_key,
        copy_number,
        copy_reason,
        {{ text_value('rate_schedule_id') }} as rate_schedule_id,
        {{ parse_decimal('tier', 28, 9) }} as tier,
        {{ parse_decimal('up_to', 28, 9) }} as up_to,
        {{ parse_decimal('unit_amount', 28, 12) }} as unit_amount,
        {{ parse_decimal('flat_amount', 28, 12) }} as flat_amount,
        {{ parse_decimal('package_size', 28, 9) }} as package_size,
        tier as raw_tier,
        up_to as raw_up_to,
        unit_amount as raw_unit_amount,
        flat_amount as raw_flat_amount,
        package_size as raw_package_size
    from copies

),

final as (

    select
        'metering' as source_system,
        'rate_tiers' as source_table,
        source_key,
        copy_number,
        rate_schedule_id,
        tier,
        up_to,
        unit_amount,
        flat_amount,
        package_size,
        coalesce(
            copy_reason,
            {{ decimal_problem('raw_tier', 'tier', 28, 9) }},
            {{ decimal_problem('raw_up_to', 'up_to', 28, 9) }},
            {{ decimal_problem('raw_unit_amount', 'unit_amount', 28, 12) }},
            {{ decimal_problem('raw_flat_amount', 'flat_amount', 28, 12) }},
            {{ decimal_problem('raw_package_size', 'package_size', 28, 9) }},
            case
                when coalesce(unit_amount, flat_amount) is null then 'missing_amount'
                when
                    abs(up_to) >= 100000000000
                    or abs(package_size) >= 100000000000
                    or abs(unit_amount) >= 10000000000000
                    or abs(flat_amount) >= 10000000000000
                    then 'out_of_range'
                when
                    up_to <= 0 or unit_amount < 0 or flat_amount < 0 or package_size <= 0
                    then 'invalid_rate_tiers'
            end
        ) as row_reason
    from renamed

)

select * from final
