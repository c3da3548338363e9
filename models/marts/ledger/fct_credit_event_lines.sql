-- Goodwill, on-account, prepayment and gift-card credits, line by line: one line where
-- the credit comes in, one for each redemption, void, reduction or refund. A credit
-- that is used up sums to zero.
-- depends_on: {{ ref('rec_seal_breaks') }}
with

ledger_rows as (

    select * from {{ ref('int_credit_ledger_rows') }}
    where is_credit_event and disposition in ('journaled', 'memo')

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}
    where funding in ('goodwill', 'on_account', 'prepayment', 'gift_card')

),

expiries as (

    select * from {{ ref('int_credit_expiries') }}
    where is_synthesised

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

-- What expired by its date alone has no row.
rows_and_expiries as (

    select
        source_system,
        source_table,
        coalesce(raw_key, source_key) as source_key,
        source_key as part_key,
        grant_id,
        customer_id,
        entry_type,
        invoice_id,
        accounting_date,
        units,
        accounting_period_index
    from ledger_rows
    where entry_type <> 'expire_rest'

    union all

    select
        source_system,
        'synthesised_expiry' as source_table,
        grant_id as source_key,
        grant_id || ':' || cast(accounting_period_index as varchar) as part_key,
        grant_id,
        cast(null as varchar) as customer_id,
        case release_sign when 1 then 'expire' else 'expire_reversal' end as entry_type,
        cast(null as varchar) as invoice_id,
        last_date as accounting_date,
        -release_sign * units as units,
        accounting_period_index
    from expiries

),

lines as (

    select
        ledger_rows.source_system,
        ledger_rows.source_table,
        ledger_rows.source_key,
        ledger_rows.part_key,
        ledger_rows.grant_id,
        ledger_rows.entry_type,
        ledger_rows.invoice_id,
        coalesce(ledger_rows.accounting_date, periods.starts_on) as accounting_date,
        coalesce(ledger_rows.customer_id, grants.customer_id) as customer_id,
        grants.plan_code,
        grants.funding,
        grants.currency,
        currencies.minor_unit,
        currencies.minor_units,
        1 as source_units,
        {{ nano_units('ledger_rows.units') }} as nano,
        periods.accounting_period
    from rows_and_expiries as ledger_rows
    inner join grants
        on
            ledger_rows.source_system = grants.source_system
            and ledger_rows.grant_id = grants.grant_id
    inner join currencies
        on grants.currency = currencies.currency
    inner join periods
        on ledger_rows.accounting_period_index = periods.period_index

),

measured as (

    select
        *,
        {{ books_minor('nano', 'minor_units', 'source_units') }} as amount_minor
    from lines

)

select
    {{ key_hash(['source_system', 'source_table', 'part_key']) }} as credit_event_line_id,
    source_system,
    grant_id,
    customer_id,
    'credit-event' as origin,
    plan_code,
    funding as credit_type,
    case entry_type
        when 'grant' then 'issue'
        when 'apply' then 'redemption'
        when 'apply_reversal' then 'redemption_voided'
        when 'revoke' then 'reduction'
        when 'revoke_reversal' then 'reduction_voided'
        when 'refund' then 'refund'
        when 'expire' then 'expiry'
        when 'expire_reversal' then 'expiry_reversed'
        when 'adjust' then 'adjustment'
        when 'consume' then 'use'
        else 'use_reversed'
    end as line_type,
    invoice_id,
    accounting_date as event_date,
    accounting_period,
    currency,
    amount_minor,
    {{ major_units('amount_minor', 'minor_unit') }} as amount,
    source_table,
    source_key
from measured
