-- Remaining units x cost = deferred revenue, at the end of every period.
with

ties as (

    select * from {{ ref('int_credit_deferred_ties') }}

),

journal as (

    select * from {{ ref('int_credit_journal_effects') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

expected as (

    select
        source_system,
        currency,
        accounting_period,
        sum(expected) as expected,
        sum(case when is_proven then expected - closing_deferred_minor else 0 end) as explained,
        sum(released_ahead_to_date_minor) as breakage_ahead
    from ties
    group by source_system, currency, accounting_period

),

-- The change of the account in each period, from the journal alone.
changes as (

    select
        source_system,
        currency,
        accounting_period_index,
        sum(deferred_minor) as deferred_minor
    from journal
    group by source_system, currency, accounting_period_index

),

totals as (

    select
        'T2_deferred_revenue' as tie_out,
        expected.source_system,
        expected.accounting_period,
        expected.currency,
        'total' as subject_type,
        cast(null as varchar) as subject_id,
        cast(max(expected.expected) as numeric(38, 9)) as expected,
        cast(coalesce(sum(changes.deferred_minor), 0) as numeric(38, 9)) as actual,
        cast(max(expected.explained) as numeric(38, 9)) as explained,
        cast(max(expected.breakage_ahead) as numeric(38, 9)) as breakage_ahead
    from expected
    inner join periods
        on expected.accounting_period = periods.accounting_period
    left join changes
        on
            expected.source_system = changes.source_system
            and expected.currency = changes.currency
            and periods.period_index >= changes.accounting_period_index
    group by expected.source_system, expected.accounting_period, expected.currency

),

broken as (

    select
        'T2_deferred_revenue' as tie_out,
        source_system,
        accounting_period,
        currency,
        'credit_grant' as subject_type,
        grant_id as subject_id,
        cast(expected as numeric(38, 9)) as expected,
        cast(closing_deferred_minor as numeric(38, 9)) as actual,
        cast(0 as numeric(38, 9)) as explained,
        cast(released_ahead_to_date_minor as numeric(38, 9)) as breakage_ahead
    from ties
    where not is_proven

),

final as (

    select * from totals

    union all

    select * from broken

)

select
    tie_out,
    source_system,
    accounting_period,
    currency,
    subject_type,
    subject_id,
    'minor' as measure,
    {{ tie_out_columns() }},
    breakage_ahead
from final
