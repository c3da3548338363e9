-- What each burn order would have earned, beside the books: the value of all uses (in
-- major units) per source, credit unit, currency and accounting period, drawn anew from
-- the grants by each order, also where the ledger names the grant.
-- A pool is the ledger's own, else the grants of one customer, credit unit and resource.
-- What was reversed counts as never used: the last uses of the grant that the reversal
-- names. Adjustments, revocations and refunds stay with the grant that they name; it
-- ends when it expires, or when the ledger says that it expired.
-- Value is that of grants with deferred revenue, units x cost, rounded once per grant to
-- date. It reads the whole ledger: mind the time on a large one.
-- dbt show --select burn_order_comparison --limit 500
{{ config(group='revrec') }}

with

versions as (

    select * from {{ ref('int_credit_grant_versions') }}
    where is_current and version_reason is null

),

entries as (

    select * from {{ ref('int_credit_entries_reasoned') }}
    where row_reason is null

),

priced_grants as (

    select * from {{ ref('int_credit_grants_priced') }}
    where presentation = 'deferred' and grant_disposition = 'terms'

),

grant_periods as (

    select * from {{ ref('fct_credit_grant_periods') }}

),

close_intervals as (

    select * from {{ ref('int_close_intervals') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

burn_orders (order_number, burn_order) as (

    values
    (0, 'source_order'),
    (1, 'priority_expiry'),
    (2, 'expiry_first'),
    (3, 'promotional_first'),
    (4, 'fifo_granted'),
    (5, 'cheapest_first')

),

expired as (

    select
        source_system,
        grant_id,
        min(effective_at) as expired_at
    from entries
    where entry_type in ('expire', 'expire_rest') and grant_id is not null
    group by source_system, grant_id

),

keyed as (

    select
        versions.*,
        coalesce(least(versions.expires_at, expired.expired_at), {{ last_instant() }})
            as ends_at,
        coalesce(versions.effective_at, {{ first_instant() }}) as starts_at,
        coalesce(accounting_days.period_index, 0) as start_period_index,
        case
            when versions.pool_id is not null
                then {{ key_hash(['versions.source_system', 'versions.pool_id']) }}
            else {{ key_hash([
                'versions.source_system', 'versions.customer_id', 'versions.credit_unit',
                'versions.resource_id',
            ]) }}
        end as pool_key
    from versions
    left join expired
        on
            versions.source_system = expired.source_system
            and versions.grant_id = expired.grant_id
    left join accounting_days
        on {{ accounting_date('versions.effective_at') }} = accounting_days.accounting_date

),

pooled as (

    select
        *,
        cast(dense_rank() over (order by pool_key) as integer) as pool_number
    from keyed

),

pools as (

    select
        source_system,
        pool_id,
        min(pool_number) as pool_number
    from pooled
    where pool_id is not null
    group by source_system, pool_id

),

-- The uses: of a grant that has reversals all but the last.
reversed as (

    select
        source_system,
        grant_id,
        sum(units) as units
    from entries
    where entry_type in ('consume_reversal', 'apply_reversal', 'consume_moved_from')
    group by source_system, grant_id

),

used as (

    select
        entries.source_system,
        entries.source_table,
        entries.source_key,
        entries.grant_id,
        entries.pool_id,
        entries.effective_at,
        entries.known_at,
        greatest(
            entries.effective_period_index,
            close_intervals.first_open_period_index,
            coalesce(entries.floor_period_index, 0)
        ) as accounting_period_index,
        -entries.units as units
    from entries
    inner join close_intervals
        on entries.known_interval = close_intervals.known_interval
    where entries.entry_type in ('consume', 'apply', 'consume_moved_to')

),

used_to_date as (

    select
        *,
        sum(units) over (
            partition by source_system, grant_id
            order by
                accounting_period_index,
                effective_at,
                known_at,
                {{ key_hash(['source_table', 'source_key']) }}
            rows between unbounded preceding and current row
        ) as units_to_date,
        sum(units) over (partition by source_system, grant_id) as all_units
    from used
    where grant_id is not null

),

kept as (

    select
        pooled.pool_number,
        used_to_date.source_system,
        used_to_date.source_table,
        used_to_date.source_key,
        used_to_date.accounting_period_index,
        used_to_date.effective_at,
        used_to_date.known_at,
        least(
            used_to_date.units,
            used_to_date.all_units - coalesce(reversed.units, 0)
            - used_to_date.units_to_date + used_to_date.units
        ) as units
    from used_to_date
    inner join pooled
        on
            used_to_date.source_system = pooled.source_system
            and used_to_date.grant_id = pooled.grant_id
    left join reversed
        on
            used_to_date.source_system = reversed.source_system
            and used_to_date.grant_id = reversed.grant_id

    union all

    select
        pools.pool_number,
        used.source_system,
        used.source_table,
        used.source_key,
        used.accounting_period_index,
        used.effective_at,
        used.known_at,
        used.units
    from used
    inner join pools
        on
            used.source_system = pools.source_system
            and used.pool_id = pools.pool_id
    where used.grant_id is null

),

uses as (

    select
        pool_number,
        source_system,
        source_table,
        source_key,
        accounting_period_index,
        effective_at,
        known_at,
        cast(units as numeric(28, 9)) as units
    from kept
    where units > 0

),

slots as (

    {{ pool_slots('pooled') }}

),

slotted_uses as (

    {{ uses_in_slots('uses', 'slots') }}

),

steps as (

    {{ pool_steps('slotted_uses') }}

),

-- Everything six times: a pool and an order are a pool of their own.
costed as (

    {{ lots_costed('pooled') }}

),

ordered as (

    select
        costed.*,
        burn_orders.burn_order,
        6 * costed.pool_number + burn_orders.order_number as ordered_pool_number
    from costed
    cross join burn_orders

),

lots as (

    select
        ordered_pool_number as pool_number,
        burn_order,
        source_system,
        grant_id,
        starts_at,
        ends_at,
        start_period_index,
        cast(row_number() over (
            partition by ordered_pool_number
            order by {{ burn_order_keys('burn_order') }}
        ) as integer) as burn_rank
    from ordered

),

ordered_steps as (

    select
        6 * steps.pool_number + burn_orders.order_number as pool_number,
        steps.step,
        steps.accounting_period_index,
        steps.slot,
        steps.units
    from steps
    cross join burn_orders

),

ordered_slots as (

    select
        6 * slots.pool_number + burn_orders.order_number as pool_number,
        slots.slot_starts_at,
        slots.slot
    from slots
    cross join burn_orders

),

grant_entries as (

    select * from entries
    where entry_type in ('grant', 'adjust', 'revoke', 'refund') and grant_id is not null

),

changes_of_lots as (

    {{ lot_changes('grant_entries', 'lots', 'close_intervals') }}

),

changes as (

    {{ step_changes('ordered_steps', 'lots', 'changes_of_lots', 'ordered_slots') }}

),

-- From the changes, so that they are read twice: what is read once, by a recursion, an
-- engine works out again each turn.
first_steps as (

    select
        pool_number,
        step
    from changes
    where step = 1 and burn_rank = 0

),

draws as (

    {{ draw_down('first_steps', 'changes') }}

),

drawn as (

    select
        lots.source_system,
        lots.grant_id,
        lots.burn_order,
        ordered_steps.accounting_period_index,
        sum(draws.units) as units
    from draws
    inner join ordered_steps
        on
            draws.pool_number = ordered_steps.pool_number
            and draws.step = ordered_steps.step
    inner join lots
        on
            draws.pool_number = lots.pool_number
            and draws.burn_rank = lots.burn_rank
    group by
        lots.source_system,
        lots.grant_id,
        lots.burn_order,
        ordered_steps.accounting_period_index

),

drawn_to_date as (

    select
        *,
        cast(sum(units) over (
            partition by source_system, grant_id, burn_order order by accounting_period_index
            rows between unbounded preceding and current row
        ) as numeric(28, 9)) as units_to_date
    from drawn

),

scaled as (

    select
        *,
        {{ nano_units('units_to_date') }} as nano_to_date
    from drawn_to_date

),

valued as (

    select
        scaled.source_system,
        scaled.grant_id,
        scaled.burn_order,
        scaled.accounting_period_index,
        {{ value_minor(
            'scaled.nano_to_date',
            'priced_grants.price_numerator',
            'priced_grants.price_denominator'
        ) }} as minor_to_date
    from scaled
    inner join priced_grants
        on
            scaled.source_system = priced_grants.source_system
            and scaled.grant_id = priced_grants.grant_id

),

compared as (

    select
        source_system,
        grant_id,
        burn_order,
        accounting_period_index,
        minor_to_date - lag(minor_to_date, 1, cast(0 as bigint)) over (
            partition by source_system, grant_id, burn_order order by accounting_period_index
        ) as amount_minor
    from valued

    union all

    select
        grant_periods.source_system,
        grant_periods.grant_id,
        'books' as burn_order,
        periods.period_index as accounting_period_index,
        grant_periods.consumed_minor as amount_minor
    from grant_periods
    inner join periods
        on grant_periods.accounting_period = periods.accounting_period

),

amounts as (

    select
        compared.source_system,
        priced_grants.credit_unit,
        priced_grants.currency,
        periods.accounting_period,
        compared.burn_order,
        {{ major_units('compared.amount_minor', 'priced_grants.minor_unit') }} as amount
    from compared
    inner join priced_grants
        on
            compared.source_system = priced_grants.source_system
            and compared.grant_id = priced_grants.grant_id
    inner join periods
        on compared.accounting_period_index = periods.period_index

)

select
    source_system,
    credit_unit,
    currency,
    accounting_period,
    sum(case when burn_order = 'books' then amount else 0 end) as books,
    sum(case when burn_order = 'source_order' then amount else 0 end) as source_order,
    sum(case when burn_order = 'priority_expiry' then amount else 0 end) as priority_expiry,
    sum(case when burn_order = 'expiry_first' then amount else 0 end) as expiry_first,
    sum(case when burn_order = 'promotional_first' then amount else 0 end) as promotional_first,
    sum(case when burn_order = 'fifo_granted' then amount else 0 end) as fifo_granted,
    sum(case when burn_order = 'cheapest_first' then amount else 0 end) as cheapest_first
from amounts
group by source_system, credit_unit, currency, accounting_period
having sum(abs(amount)) > 0
order by source_system, credit_unit, currency, accounting_period
