-- One row per ledger row that pays an invoice of the books with credits, takes that
-- back or pays credits out: what it is worth to the customer (money_minor; negative
-- gives back) and what it releases of what the books hold of the credits
-- (released_minor), the movement's value cumulated over its rows, so that they sum to
-- it. The rest was never paid for: a discount.
{{ config(materialized='table') }}

with

entries as (

    select * from {{ ref('int_credit_entries') }}
    where entry_type in ('apply', 'apply_reversal', 'refund')

),

movements as (

    select * from {{ ref('int_credit_movements') }}
    where disposition = 'journaled'

),

events as (

    select * from {{ ref('int_credit_event_names') }}

),

valued_movements as (

    select * from {{ ref('int_credit_grant_movements') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

placed as (

    select
        entries.source_system,
        entries.source_table,
        entries.source_key,
        coalesce(entries.raw_key, entries.source_key) as raw_key,
        entries.grant_id,
        entries.invoice_id,
        entries.effective_at,
        entries.known_at,
        entries.accounting_date,
        events.event_type,
        movements.event_rank,
        movements.accounting_period_index,
        movements.effective_period_index,
        abs(entries.money_minor) as money_minor,
        events.release_sign,
        abs(entries.units) as units
    from entries
    inner join movements
        on
            entries.source_system = movements.source_system
            and entries.source_table = movements.source_table
            and entries.grant_id = movements.grant_id
            and entries.entry_type = movements.entry_type
            and entries.effective_period_index = movements.effective_period_index
            and entries.known_interval = movements.known_interval
            and coalesce(entries.floor_period_index, 0)
            = coalesce(movements.floor_period_index, 0)
            and coalesce(entries.pool_id, '') = coalesce(movements.pool_id, '')
            and entries.row_reason is null
            and movements.row_reason is null
    inner join events
        on movements.event_rank = events.event_rank

),

measured as (

    select
        *,
        {{ nano_units('units') }} as nano
    from placed

),

cumulated as (

    select
        *,
        cast(sum(nano) over so_far as {{ type_integer() }}) as nano_after,
        cast(sum(nano) over the_movement as {{ type_integer() }}) as movement_nano
    from measured
    window
        the_movement as (
            partition by
                source_system,
                grant_id,
                accounting_period_index,
                effective_period_index,
                event_rank
        ),
        so_far as (
            partition by
                source_system,
                grant_id,
                accounting_period_index,
                effective_period_index,
                event_rank
            order by {{ key_hash(['source_key']) }}
            rows between unbounded preceding and current row
        )

),

weighed as (

    select
        cumulated.*,
        grants.balance_account,
        grants.presentation in ('deferred', 'owed') as is_held,
        case
            when grants.presentation in ('deferred', 'owed') then valued_movements.value_minor
            else 0
        end as value_minor,
        cumulated.nano_after - cumulated.nano as nano_before,
        greatest(cumulated.movement_nano, 1) as divisor
    from cumulated
    inner join valued_movements
        on
            cumulated.source_system = valued_movements.source_system
            and cumulated.grant_id = valued_movements.grant_id
            and cumulated.accounting_period_index = valued_movements.accounting_period_index
            and cumulated.effective_period_index = valued_movements.effective_period_index
            and cumulated.event_rank = valued_movements.event_rank
    inner join grants
        on
            cumulated.source_system = grants.source_system
            and cumulated.grant_id = grants.grant_id

)

select
    source_system,
    source_table,
    source_key,
    raw_key,
    grant_id,
    invoice_id,
    event_type,
    effective_at,
    known_at,
    accounting_date,
    accounting_period_index,
    effective_period_index,
    is_held,
    case when is_held then balance_account end as balance_account,
    units,
    release_sign * money_minor as money_minor,
    release_sign * (
        {{ share_minor('value_minor', 'nano_after', 'divisor') }}
        - {{ share_minor('value_minor', 'nano_before', 'divisor') }}
    ) as released_minor
from weighed
