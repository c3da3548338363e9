-- One row per invoice that its source finalised by as_of_date, or of which lines
-- are in the books: what the source says that it totals, beside its lines. Stored,
-- for S3 reads it twice.
{{ config(materialized='table') }}

with

invoices as (

    select * from {{ ref('int_known_invoices') }}

),

lines as (

    select * from {{ ref('int_service_lines') }}
    where
        line_reason is null
        and is_booked
        and invoice_id is not null
        and billing_account = 'accounts_receivable'

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

measured as (

    select
        invoices.source_system,
        invoices.invoice_id,
        invoices.currency,
        {{ nano_units('invoices.total') }} as total_nano,
        currencies.minor_units,
        case invoices.amount_scale
            when 'stripe_minor' then currencies.stripe_minor_units
            else 1
        end as source_units
    from invoices
    inner join currencies
        on invoices.currency = currencies.currency
    where
        coalesce(invoices.booked_on, {{ accounting_date('invoices.booked_at') }})
        <= cast('{{ as_of_date() }}' as date)

),

scaled as (

    select
        source_system,
        invoice_id,
        currency,
        {{ books_minor('total_nano', 'minor_units', 'source_units') }} as total_minor
    from measured

),

line_totals as (

    select
        source_system,
        invoice_id,
        currency,
        cast(sum(amount_minor + tax_minor) as bigint) as lines_minor
    from lines
    group by source_system, invoice_id, currency

),

final as (

    select
        coalesce(line_totals.source_system, scaled.source_system) as source_system,
        coalesce(line_totals.invoice_id, scaled.invoice_id) as invoice_id,
        coalesce(line_totals.currency, scaled.currency) as currency,
        coalesce(line_totals.lines_minor, 0) as lines_minor,
        coalesce(scaled.total_minor, line_totals.lines_minor, 0) as total_minor
    from line_totals
    full outer join scaled
        on
            line_totals.source_system = scaled.source_system
            and line_totals.invoice_id = scaled.invoice_id
            and line_totals.currency = scaled.currency

)

select * from final
