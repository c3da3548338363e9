-- One row per invoice and accounting period that settled its receivable or took
-- it to zero: the receivable after it, and what the books hold of it, both in
-- the functional currency. The difference to date is realised.
with

entries as (

    select * from {{ ref('int_fx_entries_translated') }}
    where
        invoice_id is not null
        and 'accounts_receivable' in (debit_account, credit_account)

),

days as (

    select * from {{ ref('int_fx_days') }}

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
        sum(case when settles_receivable then 1 else 0 end) as settlements,
        min(case when not settles_receivable then booked_date end) as billed_on,
        max(booked_date) as booked_date,
        max(entry_date) as entry_date
    from signed
    group by entity_id, source_system, invoice_id, currency, accounting_period_index

),

cumulated as (

    select
        *,
        sum(change_minor) over to_date as balance_minor,
        sum(functional_change_minor) over to_date as functional_minor,
        sum(untranslated) over to_date as untranslated_to_date,
        min(billed_on) over to_date as invoice_date
    from changes
    window to_date as (
        partition by entity_id, source_system, invoice_id, currency
        order by accounting_period_index
        rows between unbounded preceding and current row
    )

),

final as (

    select
        cumulated.entity_id,
        cumulated.source_system,
        cumulated.invoice_id,
        cumulated.customer_id,
        cumulated.currency,
        cumulated.accounting_period_index,
        cumulated.booked_date,
        cumulated.entry_date,
        cumulated.functional_minor,
        case
            when cumulated.balance_minor = 0 then 0
            when abs(cumulated.balance_minor) <= days.most_minor
                then {{ translated_minor(
                    'cumulated.balance_minor', 'days.numerator', 'days.denominator'
                ) }}
        end as receivable_minor
    from cumulated
    left join days
        on
            cumulated.currency = days.currency
            and cumulated.invoice_date = days.day
    where
        cumulated.untranslated_to_date = 0
        and (cumulated.settlements > 0 or cumulated.balance_minor = 0)

)

select * from final
where receivable_minor is not null
