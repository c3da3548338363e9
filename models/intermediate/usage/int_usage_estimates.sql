-- One row per row of the seed usage_estimates, parsed, with what is wrong with it. A
-- singular test stops the build where `problem` is not null.
with

estimates as (

    select * from {{ raw('finance', 'usage_estimates') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

parsed as (

    select
        {{ text_value('product_id') }} as product_id,
        {{ text_value('customer_id') }} as customer_id,
        {{ parse_day('billing_period_starts_on') }} as starts_on,
        {{ parse_decimal('expected_quantity', 28, 9) }} as expected_quantity,
        {{ parse_decimal('expected_unit_price', 28, 12) }} as expected_unit_price,
        {{ parse_timestamp('known_at') }} as known_at,
        billing_period_starts_on as raw_starts_on,
        expected_quantity as raw_expected_quantity,
        expected_unit_price as raw_expected_unit_price
    from estimates

)

select
    parsed.product_id,
    parsed.customer_id,
    parsed.starts_on,
    parsed.known_at,
    accounting_days.period_index as known_period_index,
    accounting_days.is_counted,
    {{ nano_units('parsed.expected_quantity') }} as expected_nano,
    {{ price_integer('parsed.expected_unit_price') }} as expected_price,
    case
        when parsed.product_id is null then 'product_id is empty'
        when accounting_days.period_index is null then 'known_at is empty or no time'
        when {{ cannot_be_read('parsed.raw_starts_on', 'parsed.starts_on') }}
            then 'billing_period_starts_on is no day'
        when {{ cannot_be_read('parsed.raw_expected_quantity', 'parsed.expected_quantity') }}
            then 'expected_quantity is no number'
        when
            {{ cannot_be_read('parsed.raw_expected_unit_price', 'parsed.expected_unit_price') }}
            then 'expected_unit_price is no number'
        when (parsed.expected_quantity is null) = (parsed.expected_unit_price is null)
            then 'give expected_quantity or expected_unit_price, one of them'
        when parsed.expected_quantity <= 0 or parsed.expected_quantity >= 100000000000
            then 'expected_quantity is out of range'
        when parsed.expected_unit_price < 0 or parsed.expected_unit_price >= 10000000000000
            then 'expected_unit_price is out of range'
    end as problem
from parsed
left join accounting_days
    on {{ accounting_date('parsed.known_at') }} = accounting_days.accounting_date
where not {{ is_known_later('parsed.known_at') }}
