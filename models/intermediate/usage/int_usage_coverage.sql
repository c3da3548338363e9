-- One row per entry of the credit ledger that covers metered usage: so many units are
-- paid by credits and not rated. Credits cover the product that their feature names,
-- where the seed credit_conversions says how much usage one credit pays.
{{ config(materialized='table') }}

with

conversions as (

    select * from {{ ref('int_credit_conversions') }}
    where problem is null

),

entries as (

    select * from {{ ref('int_credit_entries') }}
    where
        row_reason is null
        and entry_type in (
            'consume', 'consume_reversal', 'consume_moved_from', 'consume_moved_to'
        )

),

movements as (

    select * from {{ ref('int_credit_movements') }}
    where row_reason is null and disposition in ('journaled', 'memo')

),

periods as (

    select * from {{ ref('int_usage_periods') }}

),

rates as (

    select * from {{ ref('int_usage_period_rates') }}
    where is_alike and schedule_problem is null

),

known_floors as (

    select * from {{ ref('int_known_floors') }}

),

covering as (

    select
        entries.source_system,
        entries.source_table,
        entries.source_key,
        entries.customer_id,
        conversions.product_id,
        entries.effective_at,
        entries.accounting_date,
        entries.effective_period_index,
        greatest(entries.known_at, conversions.known_at) as known_at,
        cast(-entries.units * conversions.usage_per_credit as numeric(38, 9))
            as covered_quantity
    from entries
    inner join conversions
        on
            entries.credit_unit = conversions.credit_unit
            and entries.feature_id = conversions.product_id
    -- What is not in the books of credits pays for nothing.
    inner join movements
        on
            entries.source_system = movements.source_system
            and entries.grant_id = movements.grant_id
            and entries.entry_type = movements.entry_type
            and entries.effective_period_index = movements.effective_period_index
            and entries.known_interval = movements.known_interval

),

-- A customer with two subscriptions to one product: the credits do not say which, so the
-- one that is used is taken, else the first by its key.
placed as (

    select
        covering.*,
        periods.usage_period_id,
        rates.segment_number,
        rates.segment_starts_at,
        greatest(covering.effective_period_index, known_floors.first_open_period_index)
            as accounting_period_index,
        row_number() over (
            partition by covering.source_system, covering.source_key, covering.product_id
            order by
                case when periods.is_used then 0 else 1 end asc,
                case when rates.segment_starts_at <= covering.effective_at then 0 else 1 end asc,
                rates.segment_starts_at desc nulls last,
                periods.usage_period_id asc
        ) as preference
    from covering
    inner join known_floors
        on
            cast(covering.known_at as date) = known_floors.known_date
            and covering.known_at >= known_floors.known_from
            and covering.known_at < known_floors.known_to
    left join periods
        on
            covering.customer_id = periods.customer_id
            and covering.product_id = periods.product_id
            and covering.effective_at >= periods.starts_at
            and covering.effective_at < periods.ends_at
    left join rates
        on periods.usage_period_id = rates.usage_period_id

)

select *
from placed
where preference = 1
