{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'invoice_items') }}

),

renamed as (

    select
        ---------- ids and strings
        {{ text_value('id') }} as invoice_item_id,
        {{ text_value('customer_id') }} as customer_id,
        {{ text_value('invoice_id') }} as invoice_id,
        {{ text_value('description') }} as description,
        upper(trim({{ text_value('currency') }})) as currency,

        ---------- numerics
        {{ parse_decimal('amount', 28, 9) }} as amount,

        ---------- timestamps
        {{ parse_epoch_or_timestamp('created') }} as created_at,
        {{ parse_epoch_or_timestamp('deleted_at') }} as deleted_at,
        {{ parse_epoch_or_timestamp('period_start') }} as starts_at,
        {{ parse_epoch_or_timestamp('period_end') }} as ends_at,

        ---------- as it was
        amount as raw_amount,
        created as raw_created,
        deleted_at as raw_deleted_at,
        period_start as raw_period_start,
        period_end as raw_period_end
    from source

),

checked as (

    select
        *,
        coalesce(
            {{ decimal_problem('raw_amount', 'amount', 28, 9) }},
            {{ timestamp_problem('raw_created', 'created_at') }},
            {{ timestamp_problem('raw_deleted_at', 'deleted_at') }},
            {{ timestamp_problem('raw_period_start', 'starts_at') }},
            {{ timestamp_problem('raw_period_end', 'ends_at') }},
            case
                when amount is null then 'missing_amount'
                when currency is null then 'unknown_currency'
                when created_at is null then 'missing_timestamp'
                when ends_at < starts_at then 'service_ends_before_start'
            end
        ) as input_problem
    from renamed

),

repeated as (

    select invoice_item_id
    from checked
    where invoice_item_id is not null
    group by invoice_item_id
    having count(*) > 1

),

singles as (

    select
        *,
        cast(null as varchar) as row_hash,
        invoice_item_id as source_key,
        true as is_first_copy,
        input_problem as row_reason
    from checked
    where
        invoice_item_id is not null
        and invoice_item_id not in (select repeated.invoice_item_id from repeated)

),

-- Only what may be repeated is compared: the rows without an id, and those whose
-- id is there again.
suspects as (

    select
        *,
        {{ key_hash([
            "invoice_item_id",
            "customer_id",
            "invoice_id",
            "description",
            "currency",
            nano_units("amount"),
            epoch_microseconds("created_at"),
            epoch_microseconds("deleted_at"),
            epoch_microseconds("starts_at"),
            epoch_microseconds("ends_at")
        ]) }} as row_hash
    from checked
    where
        invoice_item_id is null
        or invoice_item_id in (select repeated.invoice_item_id from repeated)

),

copies as (

    select
        *,
        coalesce(invoice_item_id, 'row:' || row_hash) as source_key,
        row_number() over (partition by invoice_item_id order by row_hash) = 1 as is_first_copy,
        coalesce({{ copy_reason('invoice_item_id') }}, input_problem) as row_reason
    from suspects

),

final as (

    select * from singles

    union all

    select * from copies

)

select * from final
