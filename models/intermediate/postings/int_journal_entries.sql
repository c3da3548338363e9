-- The journal but its functional amounts. A posting of negative value has its
-- sides swapped, so that every amount is at least zero.
with

postings as (

    select * from {{ ref('int_postings') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

signed as (

    select
        *,
        value_minor < 0 or (value_minor = 0 and units < 0) as is_swapped,
        -- Credits of one grant may pay several invoices in one period.
        case
            when event_type in ('credit_applied', 'credit_application_reversed')
                then event_type || ' ' || invoice_id
            else event_type
        end as event_key
    from postings

),

final as (

    select
        {{ key_hash([
            'signed.entity_id', 'signed.source_system', 'signed.obligation_type',
            'signed.obligation_id', 'signed.event_key', 'posted.accounting_period',
            'effective.accounting_period', 'signed.debit_account', 'signed.credit_account',
        ]) }} as journal_entry_id,
        signed.entity_id,
        signed.source_system,
        signed.obligation_type,
        signed.obligation_id,
        signed.customer_id,
        signed.product_id,
        signed.event_type,
        signed.booked_date,
        greatest(coalesce(signed.last_date, posted.starts_on), posted.starts_on) as entry_date,
        effective.accounting_period as effective_period,
        posted.accounting_period,
        signed.effective_period_index <> signed.accounting_period_index as is_correction,
        case when signed.is_swapped then signed.credit_account else signed.debit_account end
            as debit_account,
        case when signed.is_swapped then signed.debit_account else signed.credit_account end
            as credit_account,
        abs(signed.value_minor) as amount_minor,
        {{ major_units('abs(signed.value_minor)', 'signed.minor_unit') }} as amount,
        signed.currency,
        cast(abs(signed.units) as numeric(28, 9)) as quantity,
        signed.source_entry_count,
        signed.policy,
        signed.invoice_id,
        signed.accounting_period_index,
        signed.effective_period_index,
        signed.is_settlement,
        signed.settles_receivable,
        signed.settled_currency,
        case when signed.is_swapped then -signed.settled_minor else signed.settled_minor end
            as settled_minor
    from signed
    inner join periods as posted
        on signed.accounting_period_index = posted.period_index
    inner join periods as effective
        on signed.effective_period_index = effective.period_index

)

select * from final
