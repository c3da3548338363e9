-- A period of instants goes before one of days. A line without a billing is a
-- pending item, so it says when it became unbilled work. A line in another currency
-- than its invoice does not count; where no invoice row says which that is, no line
-- of an invoice in several currencies does.
{{ config(enabled='generic' in var('sources') | string) }}

with

source as (

    select * from {{ raw('generic', 'service_lines') }}

),

invoices as (

    select * from {{ ref('stg_generic__invoices') }}
    where row_reason is null

),

liability_accounts as (

    select * from {{ ref('stg_finance__liability_accounts') }}

),

copies as (

    {{ mark_copies('source', 'line_id', [
        'invoice_id', 'customer_id', 'customer_email', 'product_id', 'price_id', 'description',
        'currency', 'amount', 'tax_amount', 'quantity', 'service_starts_at', 'service_ends_at',
        'service_starts_on', 'service_ends_on', 'booked_at', 'booked_on', 'booked_known_at',
        'unbilled_at', 'known_at', 'billing_account', 'deferred_account', 'recognition_hint',
        'credited_line_id', 'subsidiary_id',
    ]) }}

),

renamed as (

    select
        ---------- ids
        source_key,
        copy_reason,
        row_key as line_id,
        {{ text_value('invoice_id') }} as invoice_id,
        {{ text_value('customer_id') }} as customer_id,
        {{ text_value('customer_email') }} as customer_email,
        {{ text_value('product_id') }} as product_id,
        {{ text_value('price_id') }} as price_id,
        {{ text_value('credited_line_id') }} as credited_line_id,
        {{ text_value('subsidiary_id') }} as subsidiary_id,

        ---------- strings
        {{ text_value('description') }} as description,
        upper(trim({{ text_value('currency') }})) as currency,
        nullif(lower(trim(cast(billing_account as varchar))), '') as billing_account,
        nullif(trim(cast(deferred_account as varchar)), '') as account_reference,
        nullif(lower(trim(cast(recognition_hint as varchar))), '') as recognition_hint,

        ---------- numerics
        {{ parse_decimal('amount', 28, 9) }} as amount,
        {{ parse_decimal('tax_amount', 28, 9) }} as tax_amount,
        {{ parse_decimal('quantity', 28, 9) }} as quantity,

        ---------- timestamps
        {{ parse_timestamp('service_starts_at') }} as service_starts_at,
        {{ parse_timestamp('service_ends_at') }} as service_ends_at,
        {{ parse_day('service_starts_on') }} as service_starts_on,
        {{ parse_day('service_ends_on') }} as service_ends_on,
        {{ parse_timestamp('booked_at') }} as booked_at,
        {{ parse_day('booked_on') }} as booked_on,
        {{ parse_timestamp('booked_known_at') }} as booked_known_at,
        {{ parse_timestamp('unbilled_at') }} as unbilled_at,
        {{ parse_timestamp('known_at') }} as known_at,

        ---------- as it was
        amount as raw_amount,
        tax_amount as raw_tax_amount,
        quantity as raw_quantity,
        service_starts_at as raw_service_starts_at,
        service_ends_at as raw_service_ends_at,
        service_starts_on as raw_service_starts_on,
        service_ends_on as raw_service_ends_on,
        booked_at as raw_booked_at,
        booked_on as raw_booked_on,
        booked_known_at as raw_booked_known_at,
        unbilled_at as raw_unbilled_at,
        known_at as raw_known_at
    from copies

),

line_currencies as (

    select
        invoice_id,
        min(currency) <> max(currency) as is_torn
    from renamed
    where copy_reason is null and invoice_id is not null
    group by invoice_id

),

timed as (

    select
        *,
        coalesce(booked_at, cast(booked_on as timestamp)) as billed_at,
        coalesce(service_starts_at, service_ends_at) is not null as has_instants
    from renamed

),

checked as (

    select
        *,
        coalesce(
            {{ amount_problem('raw_amount', 'amount') }},
            {{ amount_problem('raw_tax_amount', 'tax_amount', is_required=false) }},
            {{ amount_problem('raw_quantity', 'quantity', is_required=false) }},
            {{ timestamp_problem('raw_service_starts_at', 'service_starts_at') }},
            {{ timestamp_problem('raw_service_ends_at', 'service_ends_at') }},
            {{ timestamp_problem('raw_service_starts_on', 'service_starts_on') }},
            {{ timestamp_problem('raw_service_ends_on', 'service_ends_on') }},
            {{ timestamp_problem('raw_booked_at', 'booked_at') }},
            {{ timestamp_problem('raw_booked_on', 'booked_on') }},
            {{ timestamp_problem('raw_booked_known_at', 'booked_known_at') }},
            {{ timestamp_problem('raw_unbilled_at', 'unbilled_at') }},
            {{ timestamp_problem('raw_known_at', 'known_at') }},
            case
                when has_instants
                    then {{ period_problem('service_starts_at', 'service_ends_at') }}
                else {{ period_problem('service_starts_on', 'service_ends_on') }}
            end
        ) as input_problem
    from timed

),

final as (

    select
        'generic' as source_system,
        'service_lines' as source_table,
        checked.source_key,
        checked.line_id,
        checked.invoice_id,
        checked.customer_id,
        checked.customer_email,
        checked.product_id,
        checked.price_id,
        checked.description,
        checked.currency,
        'major' as amount_scale,
        checked.amount,
        checked.quantity,
        checked.service_starts_at,
        checked.service_ends_at,
        checked.booked_at,
        checked.unbilled_at,
        liability_accounts.account as deferred_account,
        checked.recognition_hint,
        checked.credited_line_id,
        checked.subsidiary_id,
        coalesce(checked.tax_amount, 0) as tax_amount,
        case when not checked.has_instants then checked.service_starts_on end as service_starts_on,
        case when not checked.has_instants then checked.service_ends_on end as service_ends_on,
        case when checked.booked_at is null then checked.booked_on end as booked_on,
        case
            when checked.billed_at is null then null
            when checked.booked_known_at is not null then checked.booked_known_at
            -- What was never unbilled became known with its billing.
            when checked.unbilled_at is null and checked.known_at is not null
                then checked.known_at
            else checked.billed_at
        end as booked_known_at,
        coalesce(checked.known_at, checked.unbilled_at, checked.billed_at) as known_at,
        case
            when checked.billing_account is not null then checked.billing_account
            when checked.invoice_id is null and checked.billed_at is not null then 'cash'
            else 'accounts_receivable'
        end as billing_account,
        case
            when checked.copy_reason is not null then checked.copy_reason
            when checked.input_problem is not null then checked.input_problem
            when coalesce(checked.billed_at, checked.unbilled_at) is null then 'missing_timestamp'
            when checked.billing_account not in ('accounts_receivable', 'cash')
                then 'unknown_account'
            when checked.account_reference is not null and liability_accounts.account is null
                then 'unknown_account'
            when coalesce(invoices.currency <> checked.currency, line_currencies.is_torn)
                then 'conflicting_invoice'
            when
                checked.recognition_hint not in (
                    'never', 'at_range_start', 'at_range_end', 'at_invoice'
                )
                then 'unknown_schedule_type'
        end as row_reason
    from checked
    left join liability_accounts
        on checked.account_reference = liability_accounts.reference
    left join invoices
        on checked.invoice_id = invoices.invoice_id
    left join line_currencies
        on checked.invoice_id = line_currencies.invoice_id

)

select * from final
