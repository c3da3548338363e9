-- One row per ledger row that pays an invoice of the books with credits, takes that
-- back or pays credits out: what it is worth to the customer (money_minor; negative
-- gives back) and what it releases of what the books hold of the credits
-- (released_minor): the value of the grant's cumulative units after it less before it,
-- in order of time within its movement. The rest was never paid for: a discount.
{{ config(materialized='table') }}

with

-- Ledgers that name no invoice and have no credit events are not read.
entries as (

    select * from {{ ref('int_credit_entries') }}
    where
        entry_type in ('apply', 'apply_reversal', 'refund')
        and (invoice_id is not null or is_credit_event)

),

movements as (

    select * from {{ ref('int_credit_movements') }}
    where disposition = 'journaled' and entry_type in ('apply', 'apply_reversal', 'refund')

),

events as (

    select * from {{ ref('int_credit_events') }}

),

grant_movements as (

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
        events.posted_as as event_type,
        events.event_rank,
        movements.accounting_period_index,
        movements.effective_period_index,
        -entries.money_minor as money_minor,
        -entries.units as released_units
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
            and entries.row_reason is null
    inner join events
        on entries.entry_type = events.entry_type

),

-- What the grant had released before each of its movements, and been granted.
to_date as (

    select
        source_system,
        grant_id,
        accounting_period_index,
        effective_period_index,
        event_rank,
        sum(release_sign * units) over book_order - release_sign * units as released_before,
        sum(case release_sign when 0 then units else 0 end) over book_order as granted_to_date
    from grant_movements
    window book_order as (
        partition by source_system, grant_id
        order by accounting_period_index, effective_period_index, event_rank
        rows between unbounded preceding and current row
    )

),

cumulated as (

    select
        placed.*,
        to_date.granted_to_date,
        to_date.released_before + sum(placed.released_units) over (
            partition by
                placed.source_system,
                placed.grant_id,
                placed.accounting_period_index,
                placed.effective_period_index,
                placed.event_rank
            order by
                placed.effective_at,
                placed.event_type,
                {{ key_hash(['placed.source_key']) }}
            rows between unbounded preceding and current row
        ) as released_after
    from placed
    inner join to_date
        on
            placed.source_system = to_date.source_system
            and placed.grant_id = to_date.grant_id
            and placed.accounting_period_index = to_date.accounting_period_index
            and placed.effective_period_index = to_date.effective_period_index
            and placed.event_rank = to_date.event_rank

),

-- Never more than was granted has value, as in the movement.
bounded as (

    select
        cumulated.*,
        grants.customer_id,
        grants.currency,
        grants.balance_account,
        grants.presentation in ('deferred', 'owed') as is_held,
        grants.price_numerator,
        grants.price_denominator,
        least(
            greatest(cumulated.released_after, 0), greatest(cumulated.granted_to_date, 0)
        ) as valued_after,
        least(
            greatest(cumulated.released_after - cumulated.released_units, 0),
            greatest(cumulated.granted_to_date, 0)
        ) as valued_before
    from cumulated
    inner join grants
        on
            cumulated.source_system = grants.source_system
            and cumulated.grant_id = grants.grant_id

),

scaled as (

    select
        *,
        {{ nano_units('valued_after') }} as nano_after,
        {{ nano_units('valued_before') }} as nano_before
    from bounded

),

final as (

    select
        source_system,
        source_table,
        source_key,
        raw_key,
        grant_id,
        customer_id,
        currency,
        invoice_id,
        event_type,
        effective_at,
        known_at,
        accounting_date,
        accounting_period_index,
        effective_period_index,
        is_held,
        case when is_held then balance_account end as balance_account,
        abs(released_units) as units,
        case when is_held then abs(valued_after - valued_before) else abs(released_units) end
            as valued_units,
        money_minor,
        case
            when is_held
                then
                    {{ value_minor('nano_after', 'price_numerator', 'price_denominator') }}
                    - {{ value_minor('nano_before', 'price_numerator', 'price_denominator') }}
            else 0
        end as released_minor
    from scaled

)

select * from final
