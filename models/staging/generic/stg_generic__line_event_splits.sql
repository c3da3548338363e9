{{ config(enabled='generic' in var('sources') | string) }}

with

source as (

    select * from {{ raw('generic', 'line_event_splits') }}

),

copies as (

    {{ mark_copies('source', 'split_id', [
        'event_id', 'line_id', 'currency', 'amount', 'tax_amount'
    ]) }}

),

renamed as (

    select
        source_key,
        copy_reason,
        {{ text_value('event_id') }} as event_id,
        {{ text_value('line_id') }} as line_id,
        upper(trim({{ text_value('currency') }})) as currency,
        {{ parse_decimal('amount', 28, 9) }} as amount,
        {{ parse_decimal('tax_amount', 28, 9) }} as tax_amount,
        amount as raw_amount,
        tax_amount as raw_tax_amount
    from copies

),

final as (

    select
        'generic' as source_system,
        'line_event_splits' as source_table,
        source_key,
        event_id,
        line_id,
        currency,
        'major' as amount_scale,
        amount,
        coalesce(tax_amount, 0) as tax_amount,
        coalesce(
            copy_reason,
            {{ amount_problem('raw_amount', 'amount') }},
            {{ amount_problem('raw_tax_amount', 'tax_amount', is_required=false) }},
            case
                when event_id is null then 'unknown_event'
                when line_id is null then 'unknown_line'
            end
        ) as row_reason
    from renamed

)

select * from final
