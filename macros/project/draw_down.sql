{#-
    How uses that name no grant are drawn from the grants (lots) of their pool. The
    models int_credit_pool_* and int_credit_draws do it once, in the order of the
    policy burn_order; analyses/burn_order_comparison.sql does it for every order.
    Each macro but burn_order_keys is the body of a CTE.

    The idea: uses that follow each other in book order while the same lots may be
    drawn are one step, so there are no more steps than starts, ends and periods,
    however many uses. One recursion goes from step to step, all pools at once, and
    carries nothing but the lots that have units left.
-#}


{#-
    Lots with the columns that burn_order_keys reads: those of the canonical grant,
    and priority_number, is_given_away and unit_cost.

    unit_cost is an integer number of 10^-12 of a major unit, cut off: two costs that
    differ by less are alike. Prices have at most 12 decimals, so only a quotient
    is ever cut. Costs are compared as numbers: a pool has one currency. It is null
    (unknown) without a price, and where price_total has no units to divide by.
    Domain: price_total below 10^16, so that the product stays below 10^37.

    Arguments: lots, a CTE with the columns of the canonical grant.
-#}
{%- macro lots_costed(lots) -%}
    with

    scaled as (

        select
            *,
            funding in ('promotional', 'goodwill') as is_given_away,
            {{ revrec.parse_decimal('priority', 28, 9) }} as priority_number,
            {{ revrec.price_integer('price_per_unit') }} as price_per_unit_integer,
            {{ revrec.price_integer('price_total') }} as price_total_integer,
            {{ revrec.nano_units('granted_units') }} as granted_nano
        from {{ lots }}

    )

    select
        *,
        case
            when is_given_away then 0
            when price_per_unit_integer is not null then price_per_unit_integer
            when granted_nano > 0
                then {{ revrec.wide_divide("price_total_integer * 1000000000", "granted_nano") }}
        end as unit_cost
    from scaled
{%- endmacro -%}


{#-
    The keys of the burn order, for an order by: of one pool only those of its own
    order differ. See the policy burn_order for what each order is.

    Arguments: burn_order, a column that is one of the options and the same for all
    lots that are compared. The other columns are those of lots_costed.
-#}
{%- macro burn_order_keys(burn_order) -%}
    case when {{ burn_order }} = 'source_order' then source_order end nulls last,
    case when {{ burn_order }} = 'priority_expiry' then priority_number end nulls last,
    case when {{ burn_order }} = 'promotional_first' and not is_given_away then 1 else 0 end,
    case when {{ burn_order }} = 'cheapest_first' then unit_cost end nulls last,
    case
        when {{ burn_order }} in ('priority_expiry', 'expiry_first', 'cheapest_first')
            then expires_at
    end nulls last,
    case when {{ burn_order }} = 'expiry_first' then unit_cost end nulls last,
    case when {{ burn_order }} = 'priority_expiry' and not is_given_away then 1 else 0 end,
    case when {{ burn_order }} in ('priority_expiry', 'fifo_granted') then effective_at end
        nulls first,
    case when {{ burn_order }} <> 'source_order' then known_at end nulls last,
    {{ revrec.key_hash(["grant_id"]) }}
{%- endmacro -%}


{#-
    The instants at which a lot of a pool starts or ends, numbered from 1: slot n is
    the time from instant n to the next, slot 0 the time before them all.

    Arguments: lots, a CTE with pool_number, starts_at, ends_at.
-#}
{%- macro pool_slots(lots) -%}
    with

    instants as (

        select pool_number, starts_at as slot_starts_at from {{ lots }}

        union

        select pool_number, ends_at as slot_starts_at from {{ lots }}

    )

    select
        pool_number,
        slot_starts_at,
        cast(
            row_number() over (partition by pool_number order by slot_starts_at) as integer
        ) as slot
    from instants
{%- endmacro -%}


{#-
    Uses with the slot in which each happened.

    Arguments: uses, a CTE with pool_number, source_system, source_table, source_key,
    accounting_period_index, effective_at, known_at and units (above 0); slots, a CTE
    of pool_slots.
-#}
{%- macro uses_in_slots(uses, slots) -%}
    with

    marked as (

        select
            pool_number,
            source_system,
            source_table,
            source_key,
            accounting_period_index,
            effective_at,
            known_at,
            units,
            cast(null as integer) as slot
        from {{ uses }}

        union all

        select
            pool_number,
            cast(null as varchar) as source_system,
            cast(null as varchar) as source_table,
            cast(null as varchar) as source_key,
            cast(null as integer) as accounting_period_index,
            slot_starts_at as effective_at,
            cast(null as timestamp) as known_at,
            cast(null as numeric(28, 9)) as units,
            slot
        from {{ slots }}

    ),

    -- The start of a slot comes before what happens at the same instant. Rows of one
    -- instant that have no slot are alike here, so their order makes no difference.
    placed as (

        select
            pool_number,
            source_system,
            source_table,
            source_key,
            accounting_period_index,
            effective_at,
            known_at,
            units,
            coalesce(max(slot) over (
                partition by pool_number order by effective_at, slot nulls last
                rows between unbounded preceding and current row
            ), 0) as slot
        from marked

    )

    select * from placed
    where units is not null
{%- endmacro -%}


{#-
    The steps of each pool, numbered from 1 in book order: the uses of one accounting
    period and one slot, together.

    Arguments: uses, a CTE of uses_in_slots.
-#}
{%- macro pool_steps(uses) -%}
    select
        pool_number,
        cast(row_number() over (
            partition by pool_number order by accounting_period_index, slot
        ) as integer) as step,
        accounting_period_index,
        slot,
        cast(sum(units) as numeric(38, 9)) as units
    from {{ uses }}
    group by pool_number, accounting_period_index, slot
{%- endmacro -%}


{#-
    What rows that name a grant change of its units, per lot and accounting period, and
    the first period in which the lot may be drawn. Rows post as int_credit_movements
    says: known no earlier than the grant. A lot without a grant entry has no rows.

    Arguments: entries, a CTE of int_credit_entries_reasoned, rows that count and name a
    grant; lots, a CTE with pool_number, burn_rank, source_system, grant_id and
    start_period_index; close_intervals, a CTE of int_close_intervals.
-#}
{%- macro lot_changes(entries, lots, close_intervals) -%}
    with

    grouped as (

        select
            lots.pool_number,
            lots.burn_rank,
            lots.start_period_index,
            entries.entry_type = 'grant' as is_grant,
            entries.effective_period_index,
            entries.floor_period_index,
            entries.known_interval,
            sum(entries.units) as units
        from {{ entries }} as entries
        inner join {{ lots }} as lots
            on
                entries.source_system = lots.source_system
                and entries.grant_id = lots.grant_id
        group by
            lots.pool_number,
            lots.burn_rank,
            lots.start_period_index,
            entries.entry_type = 'grant',
            entries.effective_period_index,
            entries.floor_period_index,
            entries.known_interval

    ),

    known as (

        select
            *,
            greatest(
                known_interval,
                min(case when is_grant then known_interval end)
                    over (partition by pool_number, burn_rank)
            ) as posting_interval
        from grouped

    ),

    posted as (

        select
            known.pool_number,
            known.burn_rank,
            known.start_period_index,
            known.is_grant,
            known.units,
            greatest(
                known.effective_period_index,
                close_intervals.first_open_period_index,
                coalesce(known.floor_period_index, 0)
            ) as accounting_period_index
        from known
        inner join {{ close_intervals }} as close_intervals
            on known.posting_interval = close_intervals.known_interval

    ),

    -- Nothing is drawn before the period that grants the credits, nor before they start.
    bounded as (

        select
            *,
            greatest(
                start_period_index,
                min(case when is_grant then accounting_period_index end)
                    over (partition by pool_number, burn_rank)
            ) as first_period_index,
            max(case when is_grant then 1 else 0 end)
                over (partition by pool_number, burn_rank) = 1 as is_granted
        from posted

    )

    select
        pool_number,
        burn_rank,
        first_period_index,
        accounting_period_index,
        cast(sum(units) as numeric(38, 9)) as units
    from bounded
    where is_granted
    group by pool_number, burn_rank, first_period_index, accounting_period_index
{%- endmacro -%}


{#-
    What draw_down looks up: per pool and step one row with burn_rank 0, the slot (in
    start_slot) and the units that are used, and one per lot that enters or changes
    there, with the slots between which it may be drawn, the last step that needs it
    and the last that changes it.

    A change counts from the first step of its accounting period in which its lot may be
    drawn, and no lot enters before its first period and its start. A lot may come back
    after its end where a use is booked late: so its last step is the last of all that lie
    before its end.

    Arguments: steps, a CTE of pool_steps; lots, a CTE with pool_number, burn_rank,
    starts_at, ends_at; lot_changes, a CTE with pool_number, burn_rank,
    first_period_index, accounting_period_index and units; slots, a CTE of pool_slots.
-#}
{%- macro step_changes(steps, lots, lot_changes, slots) -%}
    with

    slotted as (

        select
            lots.pool_number,
            lots.burn_rank,
            starts.slot as start_slot,
            ends.slot as end_slot
        from {{ lots }} as lots
        inner join {{ slots }} as starts
            on
                lots.pool_number = starts.pool_number
                and lots.starts_at = starts.slot_starts_at
        inner join {{ slots }} as ends
            on
                lots.pool_number = ends.pool_number
                and lots.ends_at = ends.slot_starts_at

    ),

    -- Steps and lots in the order of slots: the greatest step so far.
    before_end as (

        select
            pool_number,
            cast(null as integer) as burn_rank,
            cast(null as integer) as start_slot,
            slot as end_slot,
            step
        from {{ steps }}

        union all

        select
            pool_number,
            burn_rank,
            start_slot,
            end_slot,
            cast(null as integer) as step
        from slotted

    ),

    lasting as (

        select
            *,
            max(step) over (
                partition by pool_number
                order by end_slot, burn_rank nulls last, step
                rows between unbounded preceding and current row
            ) as last_step
        from before_end

    ),

    -- Steps and changes from the last back: the first step that is not earlier.
    bounded as (

        select
            pool_number,
            cast(null as integer) as burn_rank,
            accounting_period_index,
            slot,
            step,
            cast(null as integer) as start_slot,
            cast(null as integer) as end_slot,
            cast(null as integer) as last_step,
            cast(null as numeric(38, 9)) as units
        from {{ steps }}

        union all

        select
            lasting.pool_number,
            lasting.burn_rank,
            greatest(lot_changes.accounting_period_index, lot_changes.first_period_index)
                as accounting_period_index,
            lasting.start_slot as slot,
            cast(null as integer) as step,
            lasting.start_slot,
            lasting.end_slot,
            lasting.last_step,
            lot_changes.units
        from {{ lot_changes }} as lot_changes
        inner join lasting
            on
                lot_changes.pool_number = lasting.pool_number
                and lot_changes.burn_rank = lasting.burn_rank

    ),

    placed as (

        select
            pool_number,
            burn_rank,
            start_slot,
            end_slot,
            last_step,
            units,
            min(step) over (
                partition by pool_number
                order by
                    accounting_period_index desc, slot desc, step nulls last, burn_rank
                rows between unbounded preceding and current row
            ) as step
        from bounded

    ),

    entering as (

        select
            pool_number,
            step,
            burn_rank,
            start_slot,
            end_slot,
            last_step,
            sum(units) as units
        from placed
        where burn_rank is not null and step <= last_step
        group by pool_number, step, burn_rank, start_slot, end_slot, last_step

    )

    select
        pool_number,
        step,
        burn_rank,
        start_slot,
        end_slot,
        last_step,
        max(step) over (partition by pool_number, burn_rank) as last_change_step,
        cast(units as numeric(38, 9)) as units
    from entering

    union all

    select
        pool_number,
        step,
        cast(0 as integer) as burn_rank,
        slot as start_slot,
        cast(null as integer) as end_slot,
        cast(null as integer) as last_step,
        cast(null as integer) as last_change_step,
        units
    from {{ steps }}
{%- endmacro -%}


{#-
    The recursion: pool_number, step, burn_rank of the lot, units drawn (above 0).

    A turn is one step of every pool. It takes over the lots that have units left, or
    will change, adds what enters and changes, and lets the step's units run through
    the lots in burn order: what is wanted counts as a negative balance in front of
    them, so that a running sum says what is still wanted before each lot. One row per
    pool with burn_rank 0 carries the step.

    Cost: turns are as many as the steps of the pool that has most; a turn costs the
    lots that have units left, and about half a millisecond on DuckDB.

    Arguments: steps, a CTE with pool_number and step that has step 1 of each pool;
    changes, a CTE of step_changes. It is looked up each turn. So let it import a table
    with an index on pool_number and step, and let nothing else read that CTE (Postgres
    then uses the index); or let steps read it too, where it is worked out in the same
    statement (engines then work it out once).
-#}
{%- macro draw_down(steps, changes) -%}
    with recursive

    turns as (

        select
            pool_number,
            cast(0 as integer) as step,
            cast(0 as integer) as burn_rank,
            cast(null as integer) as start_slot,
            cast(null as integer) as end_slot,
            cast(null as integer) as last_step,
            cast(null as integer) as last_change_step,
            cast(0 as numeric(38, 9)) as units,
            cast(0 as numeric(38, 9)) as drawn_units
        from {{ steps }}
        where step = 1

        union all

        (
            with

            taken_over as (

                select * from turns
                where
                    burn_rank = 0
                    or (step < last_step and (units > 0 or step < last_change_step))

            ),

            changed as (

                select
                    pool_number,
                    cast(step + 1 as integer) as step,
                    burn_rank,
                    start_slot,
                    end_slot,
                    last_step,
                    last_change_step,
                    units
                from taken_over
                where burn_rank > 0

                union all

                select
                    changes.pool_number,
                    changes.step,
                    changes.burn_rank,
                    changes.start_slot,
                    changes.end_slot,
                    changes.last_step,
                    changes.last_change_step,
                    changes.units
                from taken_over
                inner join {{ changes }} as changes
                    on
                        taken_over.pool_number = changes.pool_number
                        and taken_over.step + 1 = changes.step
                where taken_over.burn_rank = 0

            ),

            added as (

                select
                    pool_number,
                    step,
                    burn_rank,
                    start_slot,
                    end_slot,
                    last_step,
                    last_change_step,
                    sum(units) as units
                from changed
                group by
                    pool_number,
                    step,
                    burn_rank,
                    start_slot,
                    end_slot,
                    last_step,
                    last_change_step

            ),

            slotted as (

                select
                    *,
                    max(case when burn_rank = 0 then start_slot end)
                        over (partition by pool_number) as slot
                from added

            ),

            offered as (

                select
                    *,
                    case
                        when burn_rank = 0 then -units
                        when units > 0 and slot >= start_slot and slot < end_slot then units
                        else 0
                    end as balance
                from slotted

            ),

            covered as (

                select
                    *,
                    sum(balance) over (
                        partition by pool_number order by burn_rank
                        rows between unbounded preceding and current row
                    ) as balance_so_far
                from offered

            ),

            drawn as (

                select
                    *,
                    case
                        when burn_rank > 0
                            then greatest(least(balance, balance - balance_so_far), 0)
                        else 0
                    end as drawn_units
                from covered

            )

            select
                pool_number,
                step,
                burn_rank,
                start_slot,
                end_slot,
                last_step,
                last_change_step,
                cast(units - drawn_units as numeric(38, 9)) as units,
                cast(drawn_units as numeric(38, 9)) as drawn_units
            from drawn
        )

    )

    select
        pool_number,
        step,
        burn_rank,
        drawn_units as units
    from turns
    where drawn_units > 0
{%- endmacro -%}
