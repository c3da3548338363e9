-- One row per billing period after the first use of what is billed by the last value
-- ever: the value goes on, also where nothing is used, until the subscription ends or
-- as_of_date.
with

uses as (

    select * from {{ ref('int_usage_uses') }}
    where aggregation = 'last_ever'

),

subscriptions as (

    select * from {{ ref('int_usage_subscriptions') }}

),

numbers as (

    {{ integers(22000) }}

),

gauges as (

    select
        source_system,
        customer_id,
        product_id,
        subscription_id,
        billing_interval,
        currency,
        aggregation,
        min(billing_number) as first_number
    from uses
    group by
        source_system,
        customer_id,
        product_id,
        subscription_id,
        billing_interval,
        currency,
        aggregation

),

anchored as (

    select
        gauges.*,
        coalesce(
            subscriptions.anchor_at, {{ calendar_anchor('gauges.billing_interval') }}
        ) as billing_anchor,
        case
            when subscriptions.anchor_at is null then cast('{{ as_of_date() }}' as timestamp)
            else {{ day_start_in_utc(
                add_days("cast('" ~ as_of_date() ~ "' as date)", 1), accounting_timezone()
            ) }} - interval '1 microsecond'
        end as as_of_moment,
        case
            when subscriptions.anchor_at is null then cast({{ accounting_date(
                "(subscriptions.ended_at - interval '1 microsecond')"
            ) }} as timestamp)
            else subscriptions.ended_at - interval '1 microsecond'
        end as last_moment
    from gauges
    left join subscriptions
        on
            gauges.source_system = subscriptions.source_system
            and gauges.subscription_id = subscriptions.subscription_id

),

bounded as (

    select
        *,
        least(as_of_moment, last_moment) as until_moment
    from anchored

),

numbered as (

    select
        *,
        {{ billing_number('billing_anchor', 'until_moment', 'billing_interval') }} as last_number
    from bounded

)

select
    numbered.source_system,
    numbered.customer_id,
    numbered.product_id,
    numbered.subscription_id,
    numbered.billing_interval,
    numbered.currency,
    numbered.aggregation,
    numbered.first_number + numbers.n as billing_number
from numbered
inner join numbers
    on numbers.n <= numbered.last_number - numbered.first_number
