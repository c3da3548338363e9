-- Dr the account of the balance sheet, Cr opening_balances (a credit balance swaps the
-- sides): what an obligation holds when the books start, dated the day before. One row
-- per balance that is not zero; a second, of functional amount only, where the balance
-- in the functional currency has the other sign.
{{ config(materialized='table') }}

with

balances as (

    select * from {{ ref('int_opening_balances') }}

),

books_start as (

    select * from {{ ref('int_books_start') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

signed as (

    select
        *,
        {{ sign_of('balance_minor') }} as direction,
        {{ sign_of('coalesce(functional_balance_minor, 0)') }} as functional_direction,
        {{ sign_of('balance_units') }} as units_direction
    from balances

),

-- Opposed signs make two entries: one of the amount, one of the functional amount.
parts as (

    select
        *,
        case
            when direction <> 0 then direction
            when functional_direction <> 0 then functional_direction
            else units_direction
        end as side,
        abs(balance_minor) as amount_minor,
        case
            when direction * functional_direction < 0 then 0 else abs(functional_balance_minor)
        end as functional_amount_minor,
        abs(balance_units) as quantity,
        source_entry_count as row_count
    from signed
    where direction <> 0 or functional_direction <> 0 or units_direction <> 0

    union all

    select
        *,
        functional_direction as side,
        0 as amount_minor,
        abs(functional_balance_minor) as functional_amount_minor,
        0 as quantity,
        0 as row_count
    from signed
    where direction * functional_direction < 0

),

sided as (

    select
        *,
        'opening ' || account || ' ' || coalesce(invoice_id, '') as event_key,
        case when side > 0 then account else 'opening_balances' end as debit_account,
        case when side > 0 then 'opening_balances' else account end as credit_account
    from parts

),

final as (

    select
        {{ key_hash([
            'sided.entity_id', 'sided.source_system', 'sided.obligation_type',
            'sided.obligation_id', 'sided.event_key', 'sided.currency',
            'books_start.opening_period', 'sided.debit_account', 'sided.credit_account',
        ]) }} as journal_entry_id,
        sided.entity_id,
        sided.source_system,
        sided.obligation_type,
        sided.obligation_id,
        sided.customer_id,
        sided.product_id,
        'opening' as event_type,
        sided.booked_date,
        books_start.opening_date as entry_date,
        books_start.opening_period as effective_period,
        books_start.opening_period as accounting_period,
        false as is_correction,
        sided.debit_account,
        sided.credit_account,
        cast(sided.amount_minor as bigint) as amount_minor,
        {{ major_units('cast(sided.amount_minor as bigint)', 'currencies.minor_unit') }} as amount,
        sided.currency,
        cast(sided.functional_amount_minor as bigint) as functional_amount_minor,
        {{ major_units('cast(sided.functional_amount_minor as bigint)', 'functional.minor_unit') }}
            as functional_amount,
        {{ functional_currency_value() }} as functional_currency,
        cast(sided.quantity as numeric(28, 9)) as quantity,
        cast(sided.row_count as bigint) as source_entry_count,
        'books_start: balances when the books start' as policy,
        sided.invoice_id,
        sided.account
    from sided
    cross join books_start
    inner join currencies
        on sided.currency = currencies.currency
    left join currencies as functional
        on functional.currency = {{ functional_currency_value() }}

)

select * from final
