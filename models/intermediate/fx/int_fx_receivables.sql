-- One row per invoice and accounting period that settled its receivable or took
-- it to zero: the receivable after it, and what the books hold of it, both in
-- the functional currency: what is left keeps the rate at which the invoice stands
-- (an item may have been accrued at another than its invoice). The difference to date
-- is realised.
with

entries as (

    select * from {{ ref('int_fx_entries_translated') }}
    where
        invoice_id is not null
        and 'accounts_receivable' in (debit_account, credit_account)

),

signed as (

    select
        *,
        case when debit_account = 'accounts_receivable' then 1 else -1 end as direction
    from entries

),

changes as (

    select
        entity_id,
        source_system,
        invoice_id,
        currency,
        accounting_period_index,
        max(customer_id) as customer_id,
        sum(direction * amount_minor) as change_minor,
        sum(direction * functional_amount_minor) as functional_change_minor,
        sum(case when functional_amount_minor is null then 1 else 0 end) as untranslated,
        sum(case when is_settlement then 1 else 0 end) as settlements,
        sum(case when is_settlement then 0 else direction * amount_minor end) as billed_minor,
        sum(case when is_settlement then 0 else direction * functional_amount_minor end)
            as functional_billed_minor,
        max(booked_date) as booked_date,
        max(entry_date) as entry_date
    from signed
    group by entity_id, source_system, invoice_id, currency, accounting_period_index

),

cumulated as (

    select
        *,
        cast(sum(change_minor) over to_date as bigint) as balance_minor,
        sum(functional_change_minor) over to_date as functional_minor,
        sum(untranslated) over to_date as untranslated_to_date,
        cast(sum(billed_minor) over to_date as bigint) as billed_to_date,
        cast(sum(functional_billed_minor) over to_date as bigint) as functional_billed_to_date
    from changes
    window to_date as (
        partition by entity_id, source_system, invoice_id, currency
        order by accounting_period_index
        rows between unbounded preceding and current row
    )

),

final as (

    select
        entity_id,
        source_system,
        invoice_id,
        customer_id,
        currency,
        accounting_period_index,
        booked_date,
        entry_date,
        functional_minor,
        case
            when balance_minor = 0 then 0
            when billed_to_date <> 0
                then {{ proportion_minor(
                    'functional_billed_to_date', 'balance_minor', 'billed_to_date'
                ) }}
        end as receivable_minor
    from cumulated
    where
        untranslated_to_date = 0
        and (settlements > 0 or balance_minor = 0)

)

select * from final
where receivable_minor is not null
