-- One row per row of the seed usage_commitments, parsed, with what is wrong with it. A
-- singular test stops the build where `problem` is not null.
with

commitments as (

    select * from {{ raw('finance', 'usage_commitments') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

parsed as (

    select
        {{ text_value('commitment_id') }} as commitment_id,
        {{ text_value('customer_id') }} as customer_id,
        {{ text_value('product_id') }} as product_id,
        {{ text_value('subscription_id') }} as subscription_id,
        upper(trim({{ text_value('currency') }})) as currency,
        {{ parse_timestamp('effective_from') }} as effective_from,
        {{ parse_timestamp('effective_to') }} as effective_to,
        {{ parse_decimal('included_quantity', 28, 9) }} as included_quantity,
        {{ parse_decimal('minimum_amount', 28, 9) }} as minimum_amount,
        {{ parse_timestamp('known_at') }} as known_at,
        effective_to as raw_effective_to,
        included_quantity as raw_included_quantity,
        minimum_amount as raw_minimum_amount
    from commitments

),

scaled as (

    select
        parsed.*,
        currencies.minor_units,
        {{ nano_units('parsed.included_quantity') }} as included_nano,
        {{ nano_units('parsed.minimum_amount') }} as minimum_nano,
        1 as source_units
    from parsed
    left join currencies
        on parsed.currency = currencies.currency

),

measured as (

    select
        *,
        {{ books_minor('minimum_nano', 'minor_units', 'source_units') }} as minimum_minor
    from scaled

),

checked as (

    select
        *,
        {{ books_minor_problem(
            'minimum_nano', 'minimum_minor', 'minor_units', 'source_units'
        ) }} as minimum_problem
    from measured

)

select
    commitment_id,
    customer_id,
    product_id,
    subscription_id,
    currency,
    effective_from,
    coalesce(effective_to, {{ last_instant() }}) as effective_to,
    coalesce(included_nano, 0) as included_nano,
    minimum_minor,
    known_at,
    case
        when customer_id is null then 'customer_id is empty'
        when product_id is null then 'product_id is empty'
        when effective_from is null then 'effective_from is empty or no time'
        when {{ cannot_be_read('raw_effective_to', 'effective_to') }}
            then 'effective_to is no time'
        when effective_to <= effective_from then 'effective_to is not after effective_from'
        when known_at is null then 'known_at is empty or no time'
        when {{ cannot_be_read('raw_included_quantity', 'included_quantity') }}
            then 'included_quantity is no number'
        when {{ cannot_be_read('raw_minimum_amount', 'minimum_amount') }}
            then 'minimum_amount is no number'
        when included_quantity is null and minimum_amount is null
            then 'neither included_quantity nor minimum_amount is given'
        when included_quantity < 0 or minimum_amount < 0 then 'an amount is negative'
        when included_quantity >= 100000000000 then 'included_quantity is out of range'
        when minimum_amount is not null and minor_units is null
            then 'minimum_amount has no currency that is known'
        when minimum_problem is not null
            then 'minimum_amount is finer than its currency or out of range'
    end as problem
from checked
where not {{ is_known_later('known_at') }}
