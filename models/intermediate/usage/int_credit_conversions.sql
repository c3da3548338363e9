-- One row per row of the seed credit_conversions, parsed, with what is wrong with it. A
-- singular test stops the build where `problem` is not null.
with

conversions as (

    select * from {{ raw('finance', 'credit_conversions') }}

),

parsed as (

    select
        {{ text_value('credit_unit') }} as credit_unit,
        {{ text_value('product_id') }} as product_id,
        {{ parse_decimal('usage_per_credit', 10, 4) }} as usage_per_credit,
        {{ parse_timestamp('known_at') }} as known_at
    from conversions

)

select
    *,
    case
        when credit_unit is null then 'credit_unit is empty'
        when product_id is null then 'product_id is empty'
        when usage_per_credit is null or usage_per_credit <= 0
            then 'usage_per_credit is not a number above 0'
        when known_at is null then 'known_at is empty or no time'
    end as problem
from parsed
where not {{ is_known_later('known_at') }}
