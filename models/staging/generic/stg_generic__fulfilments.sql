{{ config(enabled='generic' in var('sources') | string) }}

with

source as (

    select * from {{ raw('generic', 'fulfilments') }}

),

copies as (

    {{ mark_copies('source', 'fulfilment_id', [
        'line_id', 'fulfilled_on', 'currency', 'amount', 'known_at'
    ]) }}

),

renamed as (

    select
        source_key,
        copy_reason,
        row_key as fulfilment_id,
        {{ text_value('line_id') }} as line_id,
        upper(trim({{ text_value('currency') }})) as currency,
        {{ parse_decimal('amount', 28, 9) }} as amount,
        {{ parse_day('fulfilled_on') }} as fulfilled_on,
        {{ parse_timestamp('known_at') }} as recorded_at,
        amount as raw_amount,
        fulfilled_on as raw_fulfilled_on,
        known_at as raw_known_at
    from copies

),

final as (

    select
        'generic' as source_system,
        'fulfilments' as source_table,
        source_key,
        fulfilment_id,
        line_id,
        fulfilled_on,
        currency,
        'major' as amount_scale,
        amount,
        coalesce(recorded_at, cast(fulfilled_on as timestamp)) as known_at,
        coalesce(
            copy_reason,
            {{ amount_problem('raw_amount', 'amount') }},
            {{ timestamp_problem('raw_fulfilled_on', 'fulfilled_on') }},
            {{ timestamp_problem('raw_known_at', 'recorded_at') }},
            case
                when fulfilled_on is null then 'missing_timestamp'
                when line_id is null then 'unknown_line'
            end
        ) as row_reason
    from renamed

)

select * from final
