-- One row per line of a bundle that policy allocation spreads by standalone
-- selling price: its share of what the bundle was invoiced for, or why the whole
-- bundle stays as invoiced. A bundle is the lines of one invoice, currency and
-- accounting period that are answered so; an item that was in the books of an
-- earlier period is not part of it, for that period does not move.
{{ config(materialized='table') }}

with

lines as (

    select * from {{ ref('int_service_lines_counted') }}
    where
        allocation = 'standalone_selling_price'
        and invoice_id is not null
        and first_period_index = booked_period_index

),

prices as (

    select * from {{ ref('int_standalone_selling_prices') }}

),

-- The newest price in force among those known before the period was closed.
ranked_prices as (

    select
        lines.source_system,
        lines.line_id,
        prices.unit_price_millionths,
        row_number() over (
            partition by lines.source_system, lines.line_id
            order by prices.effective_from desc, prices.known_at desc, prices.unit_price asc
        ) as preference
    from lines
    inner join prices
        on
            lines.product_id = prices.product_id
            and lines.currency = prices.currency
            and lines.booked_date >= prices.effective_from
            and lines.booked_period_index >= prices.known_floor_index

),

priced as (

    select
        lines.source_system,
        lines.line_id,
        lines.invoice_id,
        lines.currency,
        lines.booked_period_index,
        cast(lines.amount_minor as {{ type_integer() }}) as amount_minor,
        ranked_prices.unit_price_millionths,
        coalesce(lines.quantity, 1) as quantity
    from lines
    left join ranked_prices
        on
            lines.source_system = ranked_prices.source_system
            and lines.line_id = ranked_prices.line_id
            and ranked_prices.preference = 1

),

-- Below 10^11 units at a price below 10^9 a weight has at most 35 digits.
weighted as (

    select
        *,
        case
            when quantity >= 0 and quantity < 100000000000
                then {{ nano_units('quantity') }} * unit_price_millionths
        end as weight
    from priced

),

totals as (

    select
        source_system,
        invoice_id,
        currency,
        booked_period_index,
        sum(amount_minor) as bundle_minor,
        sum(weight) as bundle_weight,
        count(*) as line_count,
        count(unit_price_millionths) as priced_count,
        count(weight) as weighted_count
    from weighted
    group by source_system, invoice_id, currency, booked_period_index

),

judged as (

    select
        weighted.source_system,
        weighted.line_id,
        weighted.invoice_id,
        weighted.currency,
        weighted.booked_period_index,
        weighted.amount_minor,
        weighted.weight,
        weighted.unit_price_millionths is null as is_unpriced,
        totals.bundle_minor,
        totals.bundle_weight,
        totals.priced_count = totals.line_count as is_priced,
        totals.weighted_count = totals.line_count
        and totals.bundle_weight > 0
        and abs(totals.bundle_minor) <= {{ wide_divide(
            '99999999999999999999999999999999999999', 'nullif(totals.bundle_weight, 0)'
        ) }} as is_usable
    from weighted
    inner join totals
        on
            weighted.source_system = totals.source_system
            and weighted.invoice_id = totals.invoice_id
            and weighted.currency = totals.currency
            and weighted.booked_period_index = totals.booked_period_index

),

divided as (

    select
        *,
        abs(bundle_minor) * weight as numerator,
        {{ wide_divide('abs(bundle_minor) * weight', 'bundle_weight') }} as whole_minor
    from judged
    where is_priced and is_usable

),

-- Largest remainder; equal ones by the hash of the line, for text has no order
-- that all engines share.
ranked as (

    select
        *,
        abs(bundle_minor) - sum(whole_minor) over (
            partition by source_system, invoice_id, currency, booked_period_index
        ) as left_minor,
        row_number() over (
            partition by source_system, invoice_id, currency, booked_period_index
            order by
                numerator - whole_minor * bundle_weight desc, {{ key_hash(['line_id']) }} asc
        ) as place
    from divided

),

final as (

    select
        source_system,
        line_id,
        cast(
            (whole_minor + case when place <= left_minor then 1 else 0 end)
            * case when bundle_minor < 0 then -1 else 1 end as bigint
        ) as amount_minor,
        cast(null as varchar) as reason_code
    from ranked

    union all

    select
        source_system,
        line_id,
        cast(amount_minor as bigint) as amount_minor,
        case
            when is_unpriced then 'missing_standalone_selling_price'
            when is_priced then 'unusable_standalone_selling_price'
        end as reason_code
    from judged
    where not is_priced or not is_usable

)

select * from final
