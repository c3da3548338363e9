-- One row per derived entry before the start of the books and account of the balance
-- sheet that it moves, debits positive. Receivables and clearing are open per invoice;
-- every other balance is its obligation's.
with

entries as (

    select * from {{ ref('int_derived_entries') }}

),

folded_periods as (

    select * from {{ ref('int_folded_periods') }}

),

-- What was earned or lost before is not of these books: it stays in opening_balances.
accounts as (

    select account
    from {{ ref('dim_accounts') }}
    where account_class in ('asset', 'liability')

),

folded as (

    select entries.*
    from entries
    inner join folded_periods
        on entries.accounting_period = folded_periods.accounting_period

),

sides as (

    select
        *,
        debit_account as account,
        1 as direction
    from folded

    union all

    select
        *,
        credit_account as account,
        -1 as direction
    from folded

),

final as (

    select
        sides.journal_entry_id,
        sides.entity_id,
        sides.source_system,
        sides.obligation_type,
        sides.obligation_id,
        sides.customer_id,
        sides.product_id,
        case
            when sides.account in ('accounts_receivable', 'credit_clearing') then sides.invoice_id
        end as invoice_id,
        sides.currency,
        sides.account,
        sides.event_type,
        sides.booked_date,
        sides.entry_date,
        sides.direction * sides.amount_minor as balance_minor,
        sides.direction * sides.functional_amount_minor as functional_balance_minor,
        case
            when sides.obligation_type = 'credit_grant' and sides.account = 'deferred_revenue'
                then sides.direction * sides.quantity
            else 0
        end as balance_units,
        sides.source_entry_count
    from sides
    inner join accounts
        on sides.account = accounts.account

)

select * from final
