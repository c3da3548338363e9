-- One row per billing period with a minimum: it is owed also where nothing is used. The
-- schedule in force at the start of the period says how it is billed.
with

commitments as (

    select * from {{ ref('int_usage_commitments') }}
    where problem is null and minimum_minor > 0

),

segments as (

    select * from {{ ref('int_usage_rate_segments') }}

),

subscriptions as (

    select * from {{ ref('int_usage_subscriptions') }}

),

numbers as (

    {{ integers(22000) }}

),

own_timelines as (

    select * from {{ ref('int_usage_own_timelines') }}

),

-- The stretch of time in which a commitment and a schedule are in force together.
stretches as (

    select
        segments.source_system,
        commitments.customer_id,
        commitments.product_id,
        commitments.subscription_id,
        segments.currency,
        segments.aggregation,
        coalesce(segments.billing_interval, subscriptions.billing_interval, 'month')
            as billing_interval,
        subscriptions.anchor_at,
        greatest(
            commitments.effective_from,
            commitments.known_at,
            segments.starts_at,
            coalesce(subscriptions.started_at, {{ first_instant() }})
        ) as from_at,
        least(
            commitments.effective_to,
            segments.ends_at,
            coalesce(subscriptions.ended_at, {{ last_instant() }}),
            {{ day_start_in_utc(
                add_days("cast('" ~ as_of_date() ~ "' as date)", 1), accounting_timezone()
            ) }}
        ) as to_at
    from commitments
    inner join segments
        on
            commitments.product_id = segments.product_id
            and commitments.currency = segments.currency
            and (
                commitments.customer_id = segments.customer_id
                or segments.customer_id is null
            )
    left join own_timelines
        on
            segments.source_system = own_timelines.source_system
            and commitments.product_id = own_timelines.product_id
            and commitments.customer_id = own_timelines.customer_id
    left join subscriptions
        on
            segments.source_system = subscriptions.source_system
            and commitments.subscription_id = subscriptions.subscription_id
            and commitments.customer_id = subscriptions.customer_id
    where
        segments.schedule_problem is null
        and (segments.customer_id is null) = (own_timelines.customer_id is null)
        and (
            commitments.subscription_id is null
            or subscriptions.subscription_id is not null
        )

),

anchored as (

    select
        *,
        coalesce(anchor_at, {{ calendar_anchor('billing_interval') }}) as billing_anchor,
        case
            when anchor_at is not null then from_at
            else cast({{ accounting_date('from_at') }} as timestamp)
        end as first_moment,
        case
            when anchor_at is not null then to_at
            else cast({{ accounting_date('to_at') }} as timestamp)
        end as last_moment
    from stretches
    where from_at < to_at

),

numbered as (

    select
        *,
        {{ billing_number('billing_anchor', 'first_moment', 'billing_interval') }}
            as first_number,
        {{ billing_number('billing_anchor', 'last_moment', 'billing_interval') }}
            as last_number
    from anchored

),

listed as (

    select
        numbered.*,
        numbered.first_number + numbers.n as billing_number
    from numbered
    inner join numbers
        on numbered.last_number - numbered.first_number >= numbers.n

),

begun as (

    select
        *,
        {{ billing_starts_at('billing_anchor', 'billing_number', 'billing_interval') }}
            as from_moment
    from listed

)

select distinct
    {{ usage_period_columns() }}
from begun
where
    case
        when anchor_at is not null then from_moment
        else {{ day_start_in_utc('from_moment', accounting_timezone()) }}
    end >= from_at
    and case
        when anchor_at is not null then from_moment
        else {{ day_start_in_utc('from_moment', accounting_timezone()) }}
    end < to_at
