"""Writes the meter of the benchmark: N usage events of twelve months, straight into DuckDB.

About 20,000 customers use two of five products each; half of them have subscriptions whose billing
periods begin within a month (or on a day that some months lack), the others are billed by calendar
months. Three products are graduated (one with flat amounts, one with prices that change within
billing periods) and two are priced per unit. Of the events 1 percent are recorded after their
accounting period was closed, 0.5 percent are rows delivered twice and 0.1 percent are retries with
the key of another event. Every billing period that has ended is invoiced: for what was metered,
and 1 percent of the invoices for ten percent less. The same number of rows gives the same rows.

Every time is UTC and has no zone; amounts are in major units.

Usage: python scripts/generate_usage_exports.py --rows 10000000 --duckdb bench.duckdb
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

MOST_CUSTOMERS = 20_000
EVENTS_PER_CUSTOMER = 500
CHUNK_ROWS = 10_000_000

_PRICES_SQL = """
create or replace table metering.rate_schedules as
select
    rate_schedule_id,
    product_id,
    cast(null as varchar) as customer_id,
    currency,
    model,
    'sum' as aggregation,
    cast(null as varchar) as billing_interval,
    effective_from,
    effective_to
from (values
    ('rs_calls', 'calls', 'USD', 'graduated', timestamp '2024-01-01', cast(null as timestamp)),
    ('rs_tokens_1', 'tokens', 'USD', 'graduated', '2024-01-01', '2025-07-10 06:00:00'),
    ('rs_tokens_2', 'tokens', 'USD', 'graduated', '2025-07-10 06:00:00', null),
    ('rs_storage', 'storage', 'EUR', 'per_unit', '2024-01-01', null),
    ('rs_messages', 'messages', 'USD', 'per_unit', '2024-01-01', null),
    ('rs_renders', 'renders', 'EUR', 'graduated', '2024-01-01', null)
) as schedules (rate_schedule_id, product_id, currency, model, effective_from, effective_to);

create or replace table metering.rate_tiers as
select
    rate_schedule_id,
    tier,
    cast(up_to as decimal(28, 9)) as up_to,
    cast(unit_amount as decimal(28, 12)) as unit_amount,
    cast(flat_amount as decimal(28, 9)) as flat_amount,
    cast(null as decimal(28, 9)) as package_size
from (values
    ('rs_calls', 1, 5000, 0.012, null),
    ('rs_calls', 2, 20000, 0.0085, null),
    ('rs_calls', 3, null, 0.006125, null),
    ('rs_tokens_1', 1, 10000, 0.0042, null),
    ('rs_tokens_1', 2, null, 0.00315, null),
    ('rs_tokens_2', 1, 8000, 0.00405, null),
    ('rs_tokens_2', 2, null, 0.0029, null),
    ('rs_storage', 1, null, 0.003475, null),
    ('rs_messages', 1, null, 0.00875, null),
    ('rs_renders', 1, 4000, 0.0151, 25),
    ('rs_renders', 2, 15000, 0.0124, 10),
    ('rs_renders', 3, null, 0.0099, null)
) as tiers (rate_schedule_id, tier, up_to, unit_amount, flat_amount);
"""

_SUBSCRIPTIONS_SQL = """
create or replace table metering.subscriptions as
select
    'sub_' || (100000000 + c) as subscription_id,
    'cus_' || (100000000 + c) as customer_id,
    timestamp '2024-12-01'
    + to_seconds(cast(c % 31 * 86400 + c % 24 * 3600 as bigint)) as billing_anchor,
    'month' as billing_interval,
    billing_anchor as started_at,
    cast(null as timestamp) as ended_at
from range(0, {customers}, 2) as customers (c)
"""

_EVENTS_DDL = """
create or replace table metering.usage_events (
    event_id varchar, customer_id varchar, product_id varchar, subscription_id varchar,
    quantity decimal(28, 9), occurred_at timestamp, recorded_at timestamp, idempotency_key varchar
)
"""

# In the order in which they are recorded. k is the event that a row tells of: itself, the one that
# it delivers again or the one that it is a retry of.
_EVENTS_SQL = """
insert into metering.usage_events
with delivered as (
    select
        n,
        n % 1000 = 513 as is_retry,
        case when n % 1000 = 513 then n - 5 when n % 200 = 107 then n - 102 else n end as k
    from range({first}, {last}) as numbers (n)
),

used as (
    select
        *,
        cast(hash(4 * k + 1) % {customers} as bigint) as c,
        cast(hash(4 * k + 2) // 2 as bigint) as h,
        timestamp '2025-01-01'
        + to_microseconds(cast(31536000 * (k + 0.5) / {rows} * 1000000 as bigint)) as used_at
    from delivered
),

placed as (
    select
        *,
        -- two of the five products
        (c + h % 2 * (1 + c // 5 % 4)) % 5 as product,
        h // 2 % 100 = 0 and used_at >= timestamp '2025-02-07' as is_late
    from used
)

select
    -- hash() of one integer is a bijection, so that ids are distinct
    'evt_' || to_hex(hash(4 * case when is_retry then n else k end)) as event_id,
    'cus_' || (100000000 + c) as customer_id,
    ['calls', 'tokens', 'storage', 'messages', 'renders'][product + 1] as product_id,
    case when c % 2 = 0 then 'sub_' || (100000000 + c) end as subscription_id,
    cast(1 + h // 1000 % 2000000 as decimal(18, 0)) * 0.001 as quantity,
    -- Late: of the last days of a month that was closed on the fifth at 18:00.
    case
        when is_late
            then date_trunc('month', used_at - interval 6 day)
            - to_seconds(cast(1 + h // 200 % 400000 as bigint))
        else used_at
    end as occurred_at,
    used_at
    + to_seconds(h // 3 % 60 + case when is_retry then 60 else 0 end) as recorded_at,
    to_hex(hash(4 * k + 3)) || '-' || k as idempotency_key
from placed
"""

_CLOSES_SQL = """
create or replace table finance.period_closes as
select
    strftime(month, '%Y-%m') as accounting_period,
    month + interval 1 month + interval 4 day + interval 18 hour as closed_at,
    cast(null as timestamp) as reopened_at,
    'controller' as closed_by
from range(timestamp '2025-01-01', timestamp '2025-12-01', interval 1 month) as months (month)
"""

# The rated marginal value of every customer, product, billing period and accounting period, exact
# and rounded cumulatively, by hand: what is invoiced and the floor of the benchmark. The best of
# three ways that were tried (the others: drop copies before looking for retries; compare hashes of
# the ids).
RATED_SQL = """
with repeated as (
    select event_id from metering.usage_events group by event_id having count(*) > 1
),

retried as (
    select idempotency_key from metering.usage_events
    group by idempotency_key having count(*) > 1
),

counted as (
    select * exclude (event_id, idempotency_key) from metering.usage_events
    where
        event_id not in (select event_id from repeated)
        and idempotency_key not in (select idempotency_key from retried)
    union all
    (
        select distinct on (customer_id, idempotency_key)
            * exclude (event_id, idempotency_key)
        from (
            select distinct on (event_id) * from metering.usage_events
            where
                event_id in (select event_id from repeated)
                or idempotency_key in (select idempotency_key from retried)
        )
        order by recorded_at, event_id
    )
),

closes as (
    select
        cast(accounting_period || '-01' as timestamp) as month,
        month + interval 1 month as next_month,
        closed_at
    from finance.period_closes
),

grouped as (
    select
        events.customer_id,
        events.product_id,
        events.subscription_id,
        schedules.rate_schedule_id,
        date_trunc('month', events.occurred_at) as effective,
        case
            when subscriptions.billing_anchor is null
                then date_trunc('month', events.occurred_at)
            else subscriptions.billing_anchor + to_months(cast(
                date_diff('month', subscriptions.billing_anchor, events.occurred_at)
                - case
                    when
                        subscriptions.billing_anchor + to_months(cast(date_diff(
                            'month', subscriptions.billing_anchor, events.occurred_at
                        ) as integer)) > events.occurred_at
                        then 1
                    else 0
                end as integer
            ))
        end as billing_start,
        -- of the few that are late when they became known
        case when events.recorded_at >= closes.closed_at then events.recorded_at end as late_at,
        sum(events.quantity) as quantity
    from counted as events
    inner join metering.rate_schedules as schedules
        on
            schedules.product_id = events.product_id
            and events.occurred_at >= schedules.effective_from
            and events.occurred_at < coalesce(schedules.effective_to, timestamp '9999-12-31')
    left join metering.subscriptions
        on
            subscriptions.subscription_id = events.subscription_id
            and subscriptions.customer_id = events.customer_id
    left join closes on closes.month = date_trunc('month', events.occurred_at)
    group by all
),

steps as (
    select
        grouped.* exclude (late_at, quantity),
        coalesce(closes.next_month, grouped.effective) as posted,
        sum(grouped.quantity) as quantity
    from grouped
    asof left join closes on closes.closed_at <= grouped.late_at
    group by all
),

tiers as (
    select
        rate_schedule_id,
        cast(coalesce(lag(up_to) over by_tier, 0) as decimal(18, 9)) as above,
        cast(coalesce(up_to, 999999999) as decimal(18, 9)) as up_to,
        cast(unit_amount as decimal(12, 9)) as unit_amount,
        cast(coalesce(flat_amount, 0) as decimal(18, 6)) as flat_amount
    from metering.rate_tiers
    window by_tier as (partition by rate_schedule_id order by tier)
),

running as (
    select
        steps.*,
        cast(sum(steps.quantity) over running_steps as decimal(18, 9)) as after,
        cast(after - steps.quantity as decimal(18, 9)) as before,
        row_number() over running_steps as step
    from steps
    inner join metering.rate_schedules as schedules
        on schedules.rate_schedule_id = steps.rate_schedule_id
    window running_steps as (
        partition by steps.customer_id, steps.product_id, steps.subscription_id, steps.billing_start
        order by steps.posted, steps.effective, schedules.effective_from
    )
),

valued as (
    select
        running.customer_id,
        running.product_id,
        running.subscription_id,
        running.billing_start,
        running.step,
        running.posted,
        running.quantity,
        sum(
            (
                least(greatest(running.after, tiers.above), tiers.up_to)
                - least(greatest(running.before, tiers.above), tiers.up_to)
            ) * tiers.unit_amount
            + case
                when running.after > tiers.above and running.before <= tiers.above
                    then tiers.flat_amount
                else 0
            end
        ) as value
    from running
    inner join tiers on tiers.rate_schedule_id = running.rate_schedule_id
    group by all
),

cumulated as (
    select
        *,
        sum(value) over (
            partition by customer_id, product_id, subscription_id, billing_start order by step
        ) as value_after
    from valued
)

select
    customer_id,
    product_id,
    subscription_id,
    billing_start,
    posted as accounting_period,
    sum(quantity) as quantity,
    sum(round(value_after, 2) - round(value_after - value, 2)) as amount
from cumulated
group by all
"""

_INVOICES_SQL = f"""
create or replace table metering.usage_invoices as
with rated as ({RATED_SQL}),

periods as (
    select
        rated.customer_id,
        rated.product_id,
        rated.subscription_id,
        rated.billing_start,
        sum(rated.quantity) as quantity,
        sum(rated.amount) as amount
    from rated
    group by all
),

ended as (
    select
        periods.*,
        case
            when subscriptions.billing_anchor is null then billing_start + interval 1 month
            else subscriptions.billing_anchor + to_months(cast(
                date_diff('month', subscriptions.billing_anchor, billing_start) + 1 as integer
            ))
        end as billing_end
    from periods
    left join metering.subscriptions
        on subscriptions.subscription_id = periods.subscription_id
)

select
    'in_' || substr(customer_id, 5) || '_' || product_id
    || strftime(billing_start, '_%Y%m%d') as invoice_id,
    customer_id,
    product_id,
    subscription_id,
    billing_start as period_start,
    billing_end as period_end,
    cast(quantity as decimal(28, 9)) as quantity,
    cast(
        case when hash(invoice_id) % 100 = 0 then round(amount * 0.9, 2) else amount end
        as decimal(28, 2)
    ) as amount,
    case when product_id in ('storage', 'renders') then 'EUR' else 'USD' end as currency,
    billing_end + interval 26 hour as finalized_at
from ended
where billing_end + interval 26 hour < timestamp '2026-01-01'
order by finalized_at, invoice_id
"""


def write_usage(path: Path, rows: int) -> int:
    """Write the tables of the meter and the closes into a DuckDB file, replacing them.

    Memory stays the same whatever the number of rows: events are generated in windows of time.

    Args:
        path: the DuckDB file; made if it is not there.
        rows: usage events.

    Returns:
        The number of customers.

    Raises:
        ValueError: for a number of rows that is not positive.
    """
    if rows <= 0:
        raise ValueError(f"rows must be positive, not {rows}")
    customers = max(2, min(MOST_CUSTOMERS, rows // EVENTS_PER_CUSTOMER))
    with duckdb.connect(str(path)) as connection:
        connection.execute("set memory_limit = '6GB'")
        connection.execute("set enable_progress_bar = false")
        for schema in ("metering", "finance"):
            connection.execute(f"create schema if not exists {schema}")
        connection.execute(_PRICES_SQL)
        connection.execute(_SUBSCRIPTIONS_SQL.format(customers=customers))
        connection.execute(_CLOSES_SQL)
        connection.execute(_EVENTS_DDL)
        for first in range(0, rows, CHUNK_ROWS):
            last = min(first + CHUNK_ROWS, rows)
            connection.execute(
                _EVENTS_SQL.format(first=first, last=last, customers=customers, rows=rows)
            )
        connection.execute(_INVOICES_SQL)
        connection.execute("checkpoint")
    return customers


def main() -> None:
    """Write what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--duckdb", type=Path, required=True, help="the file to write to")
    options = parser.parse_args()
    customers = write_usage(options.duckdb, options.rows)
    print(f"{options.rows:,} usage events of {customers:,} customers in {options.duckdb}")


if __name__ == "__main__":
    main()
