-- What is in the books, but not without a doubt, and terms that do nothing: one row
-- per raw row and warning.
with

invoices as (

    select * from {{ ref('int_known_invoices') }}

),

totals as (

    select * from {{ ref('int_invoice_totals') }}

),

balances as (

    select * from {{ ref('int_receivable_balances') }}
    where receivable_type = 'invoice'

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

allocations as (

    select * from {{ ref('int_service_line_allocations') }}
    where reason_code is not null

),

lines as (

    select * from {{ ref('int_service_lines') }}

),

excess as (

    select * from {{ ref('int_line_event_excess') }}
    where loss_account = 'other_loss' and excess_minor > 0

),

exclusion_warnings as (

    select * from {{ ref('int_exclusion_warnings') }}

),

fulfilment_warnings as (

    select * from {{ ref('int_fulfilment_warnings') }}

),

receivables as (

    select
        source_system,
        receivable_id as invoice_id,
        currency,
        cast(sum(balance_minor) as bigint) as receivable_minor
    from balances
    group by source_system, receivable_id, currency

),

-- An invoice none of whose lines is there has a total all the same.
measured as (

    select
        invoices.*,
        {{ nano_units('invoices.total') }} as total_nano,
        coalesce(totals.booked_minor, 0) as booked_minor,
        coalesce(totals.booked_minor + totals.excluded_minor, 0) as lines_minor,
        coalesce(receivables.receivable_minor, 0) as receivable_minor,
        currencies.minor_unit,
        currencies.minor_units,
        case invoices.amount_scale
            when 'stripe_minor' then currencies.stripe_minor_units
            else 1
        end as source_units
    from invoices
    left join totals
        on
            invoices.source_system = totals.source_system
            and invoices.invoice_id = totals.invoice_id
    inner join currencies
        on invoices.currency = currencies.currency
    left join receivables
        on
            invoices.source_system = receivables.source_system
            and invoices.invoice_id = receivables.invoice_id
            and invoices.currency = receivables.currency
    where
        coalesce(invoices.booked_on, {{ accounting_date('invoices.booked_at') }})
        <= cast('{{ as_of_date() }}' as date)

),

doubted as (

    select
        *,
        'paid_without_payment' as reason_code,
        receivable_minor as doubted_minor
    from measured
    where
        receivable_minor > 0
        and {{ accounting_date('paid_at') }} <= cast('{{ as_of_date() }}' as date)
        and not {{ is_known_later('paid_at') }}

    union all

    -- A negative invoice is owed to the customer until it is applied.
    select
        *,
        'overpaid_invoice' as reason_code,
        receivable_minor as doubted_minor
    from measured
    where receivable_minor < least(booked_minor, 0)

    union all

    select
        *,
        'source_total_drift' as reason_code,
        lines_minor - {{ books_minor('total_nano', 'minor_units', 'source_units') }}
            as doubted_minor
    from measured
    where lines_minor <> {{ books_minor('total_nano', 'minor_units', 'source_units') }}

),

final as (

    select
        source_system,
        source_table,
        source_key,
        reason_code,
        cast(null as numeric(28, 9)) as quantity,
        'invoice ' || invoice_id || ', '
        || cast({{ major_units('doubted_minor', 'minor_unit') }} as varchar)
        || ' ' || currency as subject
    from doubted

    union all

    select
        lines.source_system,
        lines.source_table,
        lines.source_key,
        allocations.reason_code,
        lines.quantity,
        'line ' || lines.line_id || coalesce(' of invoice ' || lines.invoice_id, '') as subject
    from allocations
    inner join lines
        on
            allocations.source_system = lines.source_system
            and allocations.line_id = lines.line_id
            and lines.line_reason is null

    union all

    select
        excess.source_system,
        excess.source_table,
        excess.source_key,
        'over_taken' as reason_code,
        cast(null as numeric(28, 9)) as quantity,
        excess.event_type || coalesce(' of invoice ' || excess.invoice_id, '') || ', '
        || cast({{ major_units('excess.excess_minor', 'currencies.minor_unit') }} as varchar)
        || ' ' || excess.currency as subject
    from excess
    inner join currencies
        on excess.currency = currencies.currency

    union all

    select * from exclusion_warnings

    union all

    select * from fulfilment_warnings

)

select * from final
