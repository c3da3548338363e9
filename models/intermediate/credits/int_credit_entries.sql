-- One row per change of one grant's balance: rows that name their grant, and what
-- uses of a pool draw from each of its grants. What no grant of the pool covers
-- stays, as an exception. A view: it is aggregated (int_credit_entry_groups) or
-- filtered (evidence, exceptions), never stored.
with

entries as (

    select * from {{ ref('int_credit_entries_reasoned') }}
    where grant_id is not null or pool_id is null or row_reason is not null

),

-- The same view a second time: ledgers without pools are not read for it.
pool_uses as (

    select * from {{ ref('int_credit_entries_reasoned') }}
    where grant_id is null and pool_id is not null and row_reason is null

),

allocations as (

    select * from {{ ref('int_credit_allocations') }}

),

drawn as (

    select
        source_system,
        source_key,
        sum(units) as units
    from allocations
    group by source_system, source_key

),

pieces as (

    select
        source_system,
        source_key,
        ':' || cast(piece_number as varchar) as suffix,
        grant_id,
        cast(-units as numeric(28, 9)) as units,
        cast(null as varchar) as row_reason
    from allocations

    union all

    select
        pool_uses.source_system,
        pool_uses.source_key,
        ':rest' as suffix,
        cast(null as varchar) as grant_id,
        cast(pool_uses.units + coalesce(drawn.units, 0) as numeric(28, 9)) as units,
        'no_credit_left' as row_reason
    from pool_uses
    left join drawn
        on
            pool_uses.source_system = drawn.source_system
            and pool_uses.source_key = drawn.source_key
    where pool_uses.units + coalesce(drawn.units, 0) <> 0

),

allocated as (

    select
        pool_uses.source_system,
        pool_uses.source_table,
        pool_uses.source_key || pieces.suffix as source_key,
        -- One raw row, several pieces.
        coalesce(pool_uses.raw_key, pool_uses.source_key) as raw_key,
        pieces.grant_id,
        pool_uses.customer_id,
        pool_uses.credit_unit,
        pool_uses.entry_type,
        pieces.units,
        pool_uses.effective_at,
        pool_uses.known_at,
        pool_uses.reference,
        pool_uses.feature_id,
        pool_uses.invoice_id,
        pool_uses.pool_id,
        pool_uses.is_credit_event,
        pool_uses.floor_period_index,
        pool_uses.money_minor,
        pool_uses.accounting_date,
        pool_uses.effective_period_index,
        pool_uses.known_interval,
        pieces.row_reason
    from pool_uses
    inner join pieces
        on
            pool_uses.source_system = pieces.source_system
            and pool_uses.source_key = pieces.source_key

),

unioned as (

    select
        source_system,
        source_table,
        source_key,
        raw_key,
        grant_id,
        customer_id,
        credit_unit,
        entry_type,
        units,
        effective_at,
        known_at,
        reference,
        feature_id,
        invoice_id,
        pool_id,
        is_credit_event,
        floor_period_index,
        money_minor,
        accounting_date,
        effective_period_index,
        known_interval,
        row_reason
    from entries

    union all

    select * from allocated

),

final as (

    select
        *,
        {{ row_disposition() }} as row_disposition
    from unioned

)

select * from final
