{{ config(enabled='netsuite' in var('sources') | string) }}

with

source as (

    select * from {{ raw('netsuite', 'credit_memos') }}

),

copies as (

    {{ mark_copies('source', 'id', [
        'tranid', 'invoice_id', 'customer_id', 'currency', 'trandate', 'created_at'
    ]) }}

),

renamed as (

    select
        source_key,
        copy_number,
        copy_reason,
        row_key as credit_memo_id,
        {{ text_value('invoice_id') }} as invoice_id,
        {{ text_value('customer_id') }} as customer_id,
        upper(trim({{ text_value('currency') }})) as currency,
        {{ parse_day('trandate') }} as booked_on,
        {{ parse_timestamp('created_at') }} as created_at,
        trandate as raw_trandate,
        created_at as raw_created_at
    from copies

),

final as (

    select
        *,
        coalesce(created_at, cast(booked_on as timestamp)) as known_at,
        coalesce(
            copy_reason,
            {{ timestamp_problem('raw_trandate', 'booked_on') }},
            {{ timestamp_problem('raw_created_at', 'created_at') }},
            case when booked_on is null then 'missing_timestamp' end
        ) as row_reason
    from renamed

)

select * from final
