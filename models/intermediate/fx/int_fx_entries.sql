-- Dr fx_loss, Cr what was settled: one row per obligation, accounting period and
-- effective period in which a difference of rates was realised. The transaction
-- amount is zero; a gain has its sides swapped.
with

losses as (

    select * from {{ ref('int_fx_receivable_losses') }}
    where loss_minor <> 0

    union all

    select * from {{ ref('int_fx_cash_losses') }}
    where loss_minor <> 0

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}
    where currency = {{ functional_currency_value() }}

),

final as (

    select
        {{ key_hash([
            'losses.entity_id', 'losses.source_system', 'losses.obligation_type',
            'losses.obligation_id', "'fx_realised'", 'posted.accounting_period',
            'effective.accounting_period', "'fx_loss'", 'losses.other_account',
        ]) }} as journal_entry_id,
        losses.entity_id,
        losses.source_system,
        losses.obligation_type,
        losses.obligation_id,
        losses.customer_id,
        losses.product_id,
        'fx_realised' as event_type,
        losses.booked_date,
        losses.entry_date,
        effective.accounting_period as effective_period,
        posted.accounting_period,
        losses.effective_period_index <> losses.accounting_period_index as is_correction,
        case when losses.loss_minor > 0 then 'fx_loss' else losses.other_account end
            as debit_account,
        case when losses.loss_minor > 0 then losses.other_account else 'fx_loss' end
            as credit_account,
        cast(0 as bigint) as amount_minor,
        cast(0 as numeric(28, 4)) as amount,
        losses.currency,
        cast(abs(losses.loss_minor) as bigint) as functional_amount_minor,
        {{ major_units('abs(losses.loss_minor)', 'currencies.minor_unit') }}
            as functional_amount,
        cast(0 as numeric(28, 9)) as quantity,
        cast(0 as bigint) as source_entry_count,
        'functional_currency: realised' as policy,
        losses.invoice_id
    from losses
    inner join periods as posted
        on losses.accounting_period_index = posted.period_index
    inner join periods as effective
        on losses.effective_period_index = effective.period_index
    cross join currencies

)

select * from final
