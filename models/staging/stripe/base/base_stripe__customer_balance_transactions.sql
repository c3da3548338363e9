{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'customer_balance_transactions') }}

),

renamed as (

    select
        ---------- ids and strings
        {{ text_value('id') }} as balance_change_id,
        {{ text_value('customer_id') }} as customer_id,
        {{ text_value('invoice_id') }} as invoice_id,
        {{ text_value('credit_note_id') }} as credit_note_id,
        lower(trim({{ text_value('type') }})) as change_type,
        upper(trim({{ text_value('currency') }})) as currency,

        ---------- numerics
        {{ parse_decimal('amount', 28, 9) }} as amount,

        ---------- timestamps
        {{ parse_epoch_or_timestamp('created') }} as created_at,

        ---------- as it was
        amount as raw_amount,
        created as raw_created
    from source

),

checked as (

    select
        *,
        coalesce(
            {{ decimal_problem('raw_amount', 'amount', 28, 9) }},
            {{ timestamp_problem('raw_created', 'created_at') }},
            case
                when
                    change_type is null
                    or change_type not in (
                        'applied_to_invoice', 'unapplied_from_invoice', 'invoice_too_small',
                        'invoice_too_large', 'invoice_overpaid', 'credit_note', 'adjustment',
                        'initial', 'migration', 'unspent_receiver_credit'
                    )
                    then 'unknown_event_type'
                when amount is null then 'missing_amount'
                when currency is null then 'unknown_currency'
                when created_at is null then 'missing_timestamp'
            end
        ) as input_problem
    from renamed

),

repeated as (

    select balance_change_id
    from checked
    where balance_change_id is not null
    group by balance_change_id
    having count(*) > 1

),

singles as (

    select
        *,
        cast(null as varchar) as row_hash,
        balance_change_id as source_key,
        true as is_first_copy,
        input_problem as row_reason
    from checked
    where
        balance_change_id is not null
        and balance_change_id not in (select repeated.balance_change_id from repeated)

),

-- Only what may be repeated is compared: the rows without an id, and those whose
-- id is there again.
suspects as (

    select
        *,
        {{ key_hash([
            "balance_change_id",
            "customer_id",
            "invoice_id",
            "credit_note_id",
            "change_type",
            "currency",
            nano_units("amount"),
            epoch_microseconds("created_at")
        ]) }} as row_hash
    from checked
    where
        balance_change_id is null
        or balance_change_id in (select repeated.balance_change_id from repeated)

),

copies as (

    select
        *,
        coalesce(balance_change_id, 'row:' || row_hash) as source_key,
        row_number() over (partition by balance_change_id order by row_hash) = 1 as is_first_copy,
        coalesce({{ copy_reason('balance_change_id') }}, input_problem) as row_reason
    from suspects

),

final as (

    select * from singles

    union all

    select * from copies

)

select * from final
