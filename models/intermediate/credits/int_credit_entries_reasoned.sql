-- One row per canonical row, before uses of a pool are drawn from its grants: what
-- it is, when it counts and, where it cannot count whatever its grant, why. What
-- pays an invoice is known no earlier than that invoice, and not booked before it.
with

entries as (

    select * from {{ ref('int_credit_entries_keyed') }}

),

repeated as (

    select * from {{ ref('int_credit_entries_repeated') }}

),

invoices as (

    select * from {{ ref('int_invoice_totals') }}

),

-- Only credits that are money can pay an invoice or be paid out.
money_grants as (

    select
        source_system,
        grant_id,
        currency,
        coalesce(credit_unit = currency, false) as is_money,
        funding = 'prepayment' as is_prepayment,
        funding in ('goodwill', 'on_account', 'prepayment', 'gift_card') as is_credit_event
    from {{ ref('int_credit_grant_versions') }}
    where is_current

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

known_days as (

    select * from {{ ref('int_known_days') }}

),

opening_units as (

    select * from {{ ref('int_opening_units') }}
    where problem is null and not is_twice

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
        input_problem,
        identity_reason
    from repeated

),

typed as (

    select
        *,
        entry_type in ('apply', 'apply_reversal') as is_application,
        entry_type in ('apply', 'apply_reversal', 'refund') as is_of_money,
        -- Ledgers without any such row look nothing up.
        case
            when is_credit_event or entry_type in ('apply', 'apply_reversal', 'refund')
                then grant_id
        end as money_grant_id,
        case
            when is_credit_event or entry_type in ('apply', 'apply_reversal', 'refund')
                then units
        end as money_units
    from identified

),

measured as (

    select
        typed.*,
        case when typed.is_application then invoices.booked_period_index end
            as floor_period_index,
        case
            when typed.is_application then greatest(typed.known_at, invoices.booked_known_at)
            else typed.known_at
        end as posted_known_at,
        -- What is not money need not be whole minor units; of an unknown grant nobody knows.
        case
            when
                (typed.is_of_money and money_grants.grant_id is not null)
                or (money_grants.is_credit_event and money_grants.is_money)
                then currencies.minor_units
        end as minor_units,
        1 as source_units,
        {{ nano_units('typed.money_units') }} as money_nano,
        case
            when typed.is_application and invoices.invoice_id is null then 'unknown_invoice'
            when typed.is_of_money and not money_grants.is_money then 'not_money'
            when money_grants.is_prepayment and typed.entry_type = 'refund'
                then 'prepayment_refunded'
            when
                typed.is_application
                and coalesce(typed.credit_unit, money_grants.currency) <> invoices.currency
                then 'currency_mismatch'
            when typed.is_of_money and typed.credit_unit <> money_grants.currency
                then 'currency_mismatch'
        end as money_problem
    from typed
    left join invoices
        on
            typed.source_system = invoices.source_system
            and typed.invoice_id = invoices.invoice_id
    left join money_grants
        on
            typed.source_system = money_grants.source_system
            and typed.money_grant_id = money_grants.grant_id
    left join currencies
        on coalesce(money_grants.currency, invoices.currency) = currencies.currency

),

scaled as (

    select
        *,
        {{ books_minor('money_nano', 'minor_units', 'source_units') }} as money_minor
    from measured

),

reasoned as (

    select
        scaled.source_system,
        scaled.source_table,
        scaled.entry_key,
        scaled.source_key,
        scaled.raw_key,
        scaled.grant_id,
        scaled.customer_id,
        scaled.credit_unit,
        scaled.entry_type,
        scaled.units,
        scaled.effective_at,
        scaled.known_at,
        scaled.reference,
        scaled.feature_id,
        scaled.invoice_id,
        scaled.pool_id,
        scaled.is_credit_event,
        scaled.floor_period_index,
        scaled.money_minor,
        accounting_days.accounting_date,
        accounting_days.period_index as effective_period_index,
        -- When a grant became known decides for all its entries, and when its expiry did for
        -- what is synthesised of it: both keep their own.
        case
            when scaled.entry_type in ('grant', 'expire') then known_days.known_interval
            else posting_intervals.posting_interval
        end as known_interval,
        case
            when scaled.identity_reason is not null then scaled.identity_reason
            when scaled.input_problem is not null then scaled.input_problem
            when accounting_days.period_index is null then 'outside_calendar'
            when {{ is_known_later('scaled.known_at') }} then 'known_later'
            when opening_units.grant_id is not null then 'in_opening_units'
            -- Whatever else is wrong with what lies ahead: its invoice does too.
            when scaled.is_application and not accounting_days.is_counted
                then 'after_as_of_date'
            when scaled.money_problem is not null then scaled.money_problem
            when known_days.known_interval is null then 'invalid_timestamp'
            when not accounting_days.is_counted then 'after_as_of_date'
            when {{ books_minor_problem(
                'money_nano', 'money_minor', 'minor_units', 'source_units'
            ) }} is not null
                then {{ books_minor_problem(
                    'money_nano', 'money_minor', 'minor_units', 'source_units'
                ) }}
            when scaled.entry_type = 'adjust' and scaled.units = 0
                then 'zero_adjustment'
        end as row_reason
    from scaled
    left join accounting_days
        on {{ accounting_date('scaled.effective_at') }} = accounting_days.accounting_date
    left join known_days
        on
            cast(scaled.posted_known_at as date) = known_days.known_date
            and scaled.posted_known_at >= known_days.known_from
            and scaled.posted_known_at < known_days.known_to
    left join posting_intervals
        on
            accounting_days.period_index = posting_intervals.period_index
            and known_days.known_interval = posting_intervals.known_interval
    -- What happened and was known before is in what was left.
    left join opening_units
        on
            scaled.source_system = opening_units.source_system
            and scaled.grant_id = opening_units.grant_id
            and scaled.source_table <> 'opening_units'
            and scaled.effective_at < opening_units.starts_at
            and scaled.known_at < opening_units.starts_at

)

select * from reasoned
