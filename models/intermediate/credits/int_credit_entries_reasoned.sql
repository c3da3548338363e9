-- A stand-in of branch room_alloc for the model of the same name: today's
-- int_credit_entries with pool_id and floor_period_index.
-- One row per raw row: what it is, when it counts and, where it cannot count
-- whatever its grant, why. A view: it is aggregated (int_credit_entry_groups)
-- or filtered (evidence, exceptions), never stored.
with

entries as (

    select * from {{ ref('int_credit_entries_keyed') }}

),

repeated as (

    select * from {{ ref('int_credit_entries_repeated') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

known_days as (

    select * from {{ ref('int_known_days') }}

),

posting_intervals as (

    select * from {{ ref('int_posting_intervals') }}

),

identified as (

    select
        source_system,
        source_table,
        entry_key,
        entry_key as source_key,
        grant_id,
        customer_id,
        credit_unit,
        entry_type,
        units,
        effective_at,
        known_at,
        reference,
        feature_id,
        pool_id,
        input_problem,
        cast(null as varchar) as identity_reason
    from entries
    where
        not exists (
            select 1
            from repeated
            where
                repeated.source_system = entries.source_system
                and repeated.entry_key = entries.entry_key
        )

    union all

    select
        source_system,
        source_table,
        entry_key,
        case
            when entry_id is null and copy_number > 1
                then entry_key || ':' || cast(copy_number as varchar)
            else entry_key
        end as source_key,
        grant_id,
        customer_id,
        credit_unit,
        entry_type,
        units,
        effective_at,
        known_at,
        reference,
        feature_id,
        pool_id,
        input_problem,
        identity_reason
    from repeated

),

reasoned as (

    select
        identified.source_system,
        identified.source_table,
        identified.entry_key,
        identified.source_key,
        identified.grant_id,
        identified.customer_id,
        identified.credit_unit,
        identified.entry_type,
        identified.units,
        identified.effective_at,
        identified.known_at,
        identified.reference,
        identified.feature_id,
        identified.pool_id,
        cast(null as integer) as floor_period_index,
        accounting_days.accounting_date,
        accounting_days.period_index as effective_period_index,
        -- When a grant became known decides for all its entries: it keeps its own.
        case
            when identified.entry_type = 'grant' then known_days.known_interval
            else posting_intervals.posting_interval
        end as known_interval,
        case
            when identified.identity_reason is not null then identified.identity_reason
            when identified.input_problem is not null then identified.input_problem
            when accounting_days.period_index is null then 'outside_calendar'
            when known_days.known_interval is null then 'invalid_timestamp'
            when not accounting_days.is_counted then 'after_as_of_date'
            when identified.entry_type = 'adjust' and identified.units = 0
                then 'zero_adjustment'
        end as row_reason
    from identified
    left join accounting_days
        on {{ accounting_date('identified.effective_at') }} = accounting_days.accounting_date
    left join known_days
        on
            cast(identified.known_at as date) = known_days.known_date
            and identified.known_at >= known_days.known_from
            and identified.known_at < known_days.known_to
    left join posting_intervals
        on
            accounting_days.period_index = posting_intervals.period_index
            and known_days.known_interval = posting_intervals.known_interval

),

final as (

    select
        *,
        {{ row_disposition() }} as row_disposition
    from reasoned

)

select * from final
