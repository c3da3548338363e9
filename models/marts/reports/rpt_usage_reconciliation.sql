-- What the meter says beside what the journal says, per customer, product and period,
-- and each difference by its cause.
-- depends_on: {{ ref('rec_seal_breaks') }}
with

differences as (

    select * from {{ ref('int_usage_differences') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

summed as (

    select
        source_system,
        customer_id,
        product_id,
        currency,
        period_index,
        cast(coalesce(sum(metered), 0) as numeric(38, 9)) as metered,
        cast(coalesce(sum(posted_later), 0) as numeric(38, 9)) as posted_later,
        cast(coalesce(sum(unrated), 0) as numeric(38, 9)) as unrated,
        cast(coalesce(sum(duplicate), 0) as numeric(38, 9)) as duplicate,
        cast(coalesce(sum(waiting), 0) as numeric(38, 9)) as waiting,
        cast(coalesce(sum(billable), 0) as numeric(38, 9)) as billable,
        cast(coalesce(sum(rated), 0) as numeric(38, 9)) as rated,
        cast(coalesce(sum(late), 0) as numeric(38, 9)) as late,
        cast(coalesce(sum(estimated), 0) as numeric(38, 9)) as estimated,
        cast(coalesce(sum(rounded), 0) as numeric(38, 9)) as rounded,
        cast(coalesce(sum(fallen_short), 0) as numeric(38, 9)) as fallen_short,
        cast(coalesce(sum(invoice_difference), 0) as numeric(38, 9)) as invoice_difference,
        cast(coalesce(sum(recognised), 0) as numeric(38, 9)) as recognised
    from differences
    group by source_system, customer_id, product_id, currency, period_index

)

select
    summed.source_system,
    summed.customer_id,
    summed.product_id,
    summed.currency,
    periods.accounting_period,
    summed.metered as metered_quantity,
    summed.posted_later as late_quantity,
    summed.waiting as waiting_quantity,
    summed.unrated as unrated_quantity,
    summed.duplicate as duplicate_quantity,
    summed.billable as billable_quantity,
    summed.rated as metered_minor,
    summed.recognised as recognised_minor,
    cast(summed.recognised - summed.rated as numeric(38, 9)) as difference_minor,
    summed.late as late_minor,
    summed.rounded as rounding_minor,
    summed.estimated as estimate_minor,
    summed.fallen_short as shortfall_minor,
    summed.invoice_difference as invoice_difference_minor,
    cast(
        summed.recognised - summed.rated - summed.late - summed.rounded - summed.estimated
        - summed.fallen_short - summed.invoice_difference as numeric(38, 9)
    ) as unexplained_minor,
    cast(summed.rated * currencies.minor_unit as numeric(38, 9)) as metered_amount,
    {{ major_units('cast(summed.recognised as bigint)', 'currencies.minor_unit') }}
        as recognised_amount
from summed
inner join periods
    on summed.period_index = periods.period_index
left join currencies
    on summed.currency = currencies.currency
