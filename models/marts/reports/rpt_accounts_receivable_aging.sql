-- Who owes what and for how long, as of as_of_date: the open balance of every
-- receivable in the journal by the days since it fell due, a day begun counting as
-- a whole one.
with

balances as (

    select * from {{ ref('int_receivable_balances') }}
    where balance_minor <> 0

),

invoices as (

    select * from {{ ref('int_invoices_unioned') }}
    where row_reason is null and due_at is not null

),

as_of_period as (

    select * from {{ ref('int_as_of_period') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

-- Due at the instant that the source gives, without one at the end of the booked
-- date.
due as (

    select
        balances.*,
        currencies.minor_unit,
        as_of_period.accounting_period,
        invoices.invoice_number,
        coalesce({{ accounting_date('invoices.due_at') }}, balances.booked_date) as due_date,
        {{ epoch_seconds("coalesce(invoices.due_at, " ~ day_start_in_utc(
            add_days('balances.booked_date', 1), accounting_timezone()
        ) ~ ")") }} as due_second,
        {{ epoch_seconds(day_start_in_utc(
            add_days("cast('" ~ as_of_date() ~ "' as date)", 1), accounting_timezone()
        )) }} as as_of_second
    from balances
    cross join as_of_period
    inner join currencies
        on balances.currency = currencies.currency
    left join invoices
        on
            balances.receivable_type = 'invoice'
            and balances.source_system = invoices.source_system
            and balances.receivable_id = invoices.invoice_id

),

-- A day that has begun is a whole one: 30.5 days overdue are 31.
aged as (

    select
        *,
        case
            when as_of_second <= due_second then 0
            else cast(
                {{ integer_divide('as_of_second - due_second + 86399', '86400') }} as integer
            )
        end as days_overdue
    from due

)

select
    entity_id,
    source_system,
    currency,
    customer_id,
    receivable_type,
    receivable_id,
    case when receivable_type = 'invoice' then receivable_id end as invoice_id,
    invoice_number,
    accounting_period,
    booked_date,
    due_date,
    days_overdue,
    case
        when days_overdue = 0 then 'not_due'
        when days_overdue <= 30 then '1-30'
        when days_overdue <= 60 then '31-60'
        when days_overdue <= 90 then '61-90'
        when days_overdue <= 120 then '91-120'
        else 'over 120'
    end as bucket,
    balance_minor as receivable_minor,
    {{ major_units('balance_minor', 'minor_unit') }} as receivable_amount
from aged
