-- One row per entity, currency, account and accounting period with an entry.
-- Summed by account pair first, so that the journal is read once.
with

entries as (

    select * from {{ ref('fct_journal_entries') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

pairs as (

    select
        entity_id,
        currency,
        accounting_period,
        debit_account,
        credit_account,
        sum(amount_minor) as amount_minor,
        sum(functional_amount_minor) as functional_amount_minor
    from entries
    group by entity_id, currency, accounting_period, debit_account, credit_account

),

sides as (

    select
        entity_id,
        currency,
        accounting_period,
        debit_account as account,
        amount_minor as debit_minor,
        0 as credit_minor,
        functional_amount_minor as functional_debit_minor,
        null as functional_credit_minor
    from pairs

    union all

    select
        entity_id,
        currency,
        accounting_period,
        credit_account as account,
        0 as debit_minor,
        amount_minor as credit_minor,
        null as functional_debit_minor,
        functional_amount_minor as functional_credit_minor
    from pairs

),

final as (

    select
        sides.entity_id,
        sides.currency,
        sides.account,
        periods.period_index,
        sum(sides.debit_minor) as debit_minor,
        sum(sides.credit_minor) as credit_minor,
        sum(sides.functional_debit_minor) as functional_debit_minor,
        sum(sides.functional_credit_minor) as functional_credit_minor
    from sides
    inner join periods
        on sides.accounting_period = periods.accounting_period
    group by sides.entity_id, sides.currency, sides.account, periods.period_index

)

select * from final
