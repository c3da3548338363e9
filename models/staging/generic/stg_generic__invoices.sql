{{ config(enabled='generic' in var('sources') | string) }}

with

source as (

    select * from {{ raw('generic', 'invoices') }}

),

copies as (

    {{ mark_copies('source', 'invoice_id', [
        'invoice_number', 'customer_id', 'currency', 'total', 'booked_at', 'booked_on', 'due_at'
    ]) }}

),

renamed as (

    select
        source_key,
        copy_reason,
        row_key as invoice_id,
        {{ text_value('invoice_number') }} as invoice_number,
        {{ text_value('customer_id') }} as customer_id,
        upper(trim({{ text_value('currency') }})) as currency,
        {{ parse_decimal('total', 28, 9) }} as total,
        {{ parse_timestamp('booked_at') }} as booked_at,
        {{ parse_day('booked_on') }} as booked_on,
        {{ parse_timestamp('due_at') }} as due_at,
        total as raw_total,
        booked_at as raw_booked_at,
        booked_on as raw_booked_on,
        due_at as raw_due_at
    from copies

),

final as (

    select
        'generic' as source_system,
        'invoices' as source_table,
        source_key,
        invoice_id,
        invoice_number,
        customer_id,
        currency,
        'major' as amount_scale,
        total,
        booked_at,
        due_at,
        cast(null as timestamp) as paid_at,
        case when booked_at is null then booked_on end as booked_on,
        coalesce(
            copy_reason,
            {{ amount_problem('raw_total', 'total', is_required=false) }},
            {{ timestamp_problem('raw_booked_at', 'booked_at') }},
            {{ timestamp_problem('raw_booked_on', 'booked_on') }},
            {{ timestamp_problem('raw_due_at', 'due_at') }},
            case when booked_at is null and booked_on is null then 'missing_timestamp' end
        ) as row_reason
    from renamed

)

select * from final
