-- One row per usage invoice: its amount in minor units, the usage period that it bills
-- and where it posts, or why it does not count. It is rated by the first schedule in
-- force in the time that it bills.
{{ config(materialized='table') }}

with

-- Many billing systems write days where a period has an hour, or a zone: so an invoice of
-- two days or more is placed by its second day.
invoices as (

    select
        *,
        case
            when period_end >= {{ later_moment('period_start', '0', '2') }}
                then {{ later_moment('period_start', '0', '1') }}
            else period_start
        end as placed_at
    from {{ ref('int_usage_invoices_unioned') }}

),

subscriptions as (

    select * from {{ ref('int_usage_subscriptions') }}

),

segments as (

    select * from {{ ref('int_usage_rate_segments') }}

),

own_timelines as (

    select * from {{ ref('int_usage_own_timelines') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

known_floors as (

    select * from {{ ref('int_known_floors') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

credit_purchases as (

    select * from {{ ref('int_credit_purchases') }}

),

rated as (

    select
        invoices.source_system,
        invoices.source_key,
        segments.currency as rated_currency,
        segments.aggregation,
        segments.billing_interval,
        row_number() over (
            partition by invoices.source_system, invoices.source_key order by segments.starts_at
        ) as segment_order
    from invoices
    left join own_timelines
        on
            invoices.source_system = own_timelines.source_system
            and invoices.product_id = own_timelines.product_id
            and invoices.customer_id = own_timelines.customer_id
    inner join segments
        on
            invoices.source_system = segments.source_system
            and invoices.product_id = segments.product_id
            and coalesce(own_timelines.customer_id, '') = coalesce(segments.customer_id, '')
            and invoices.placed_at < segments.ends_at
            and coalesce(invoices.period_end, {{ last_instant() }}) > segments.starts_at
    where invoices.row_reason is null

),

placed as (

    select
        invoices.*,
        accounting_days.accounting_date as finalised_on,
        accounting_days.is_counted,
        accounting_days.period_index as effective_period_index,
        greatest(accounting_days.period_index, known_floors.first_open_period_index)
            as accounting_period_index,
        known_floors.first_open_period_index,
        subscriptions.subscription_id as known_subscription_id,
        subscriptions.anchor_at,
        rated.rated_currency,
        coalesce(rated.aggregation, 'sum') as aggregation,
        coalesce(rated.billing_interval, subscriptions.billing_interval, 'month')
            as billing_interval,
        currencies.minor_units,
        currencies.minor_unit,
        case invoices.amount_scale
            when 'stripe_minor' then currencies.stripe_minor_units
            else 1
        end as source_units,
        {{ nano_units('invoices.amount') }} as amount_nano
    from invoices
    left join accounting_days
        on {{ accounting_date('invoices.finalised_at') }} = accounting_days.accounting_date
    left join known_floors
        on
            cast(invoices.finalised_at as date) = known_floors.known_date
            and invoices.finalised_at >= known_floors.known_from
            and invoices.finalised_at < known_floors.known_to
    left join subscriptions
        on
            invoices.source_system = subscriptions.source_system
            and invoices.subscription_id = subscriptions.subscription_id
            and invoices.customer_id = subscriptions.customer_id
    left join rated
        on
            invoices.source_system = rated.source_system
            and invoices.source_key = rated.source_key
            and rated.segment_order = 1
    left join currencies
        on invoices.currency = currencies.currency

),

scaled as (

    select
        *,
        {{ books_minor('amount_nano', 'minor_units', 'source_units') }} as amount_minor,
        coalesce(anchor_at, {{ calendar_anchor('billing_interval') }}) as billing_anchor,
        case
            when anchor_at is not null then placed_at
            else cast({{ accounting_date('placed_at') }} as timestamp)
        end as billing_moment,
        case
            when anchor_at is not null then period_end
            else cast({{ accounting_date('period_end') }} as timestamp)
        end as end_moment
    from placed

),

checked as (

    select
        *,
        {{ books_minor_problem('amount_nano', 'amount_minor', 'minor_units', 'source_units') }}
            as amount_problem
    from scaled

),

numbered as (

    select
        *,
        {{ billing_number('billing_anchor', 'billing_moment', 'billing_interval') }}
            as billing_number,
        case
            when row_reason is not null then row_reason
            when minor_units is null then 'unknown_currency'
            when amount_problem is not null then amount_problem
            when effective_period_index is null then 'outside_calendar'
            when {{ is_known_later('finalised_at') }} then 'known_later'
            when first_open_period_index is null then 'invalid_timestamp'
            when not is_counted then 'after_as_of_date'
            when subscription_id is not null and known_subscription_id is null
                then 'unknown_subscription'
            when rated_currency <> currency then 'invoice_currency_differs'
        end as place_reason
    from checked

),

-- An invoice of more than one billing period has no one usage period to settle.
bounded as (

    select
        *,
        {{ billing_starts_at('billing_anchor', 'billing_number + 1', 'billing_interval') }}
            as next_moment
    from numbered

),

-- Where a line of the invoice is in the books through another export as a sale of what
-- is booked here, the line has the receivable and the clearing account is between them.
-- A line that became known after the close of the invoice's period comes too late.
final as (

    select
        bounded.*,
        coalesce(
            bounded.place_reason,
            case
                when bounded.end_moment > {{ later_moment('bounded.next_moment', '0', '1') }}
                    then 'invoice_spans_billing_periods'
            end
        ) as invoice_reason,
        credit_purchases.invoice_id is not null as has_invoice_line
    from bounded
    left join credit_purchases
        on
            bounded.invoice_id = credit_purchases.invoice_id
            and bounded.accounting_period_index >= credit_purchases.known_floor_index

)

select
    *,
    {{ usage_period_hash() }} as usage_period_id
from final
