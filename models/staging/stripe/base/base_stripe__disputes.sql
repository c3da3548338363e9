{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'disputes') }}

),

renamed as (

    select
        ---------- ids and strings
        {{ text_value('id') }} as dispute_id,
        {{ text_value('charge_id') }} as charge_id,
        upper(trim({{ text_value('currency') }})) as currency,
        lower(trim({{ text_value('status') }})) as status,

        ---------- numerics
        {{ parse_decimal('amount', 28, 9) }} as amount,

        ---------- timestamps
        {{ parse_epoch_or_timestamp('created') }} as created_at,
        {{ parse_epoch_or_timestamp('closed_at') }} as closed_at,

        ---------- as it was
        amount as raw_amount,
        created as raw_created,
        closed_at as raw_closed_at
    from source

),

checked as (

    select
        *,
        coalesce(
            {{ decimal_problem('raw_amount', 'amount', 28, 9) }},
            {{ timestamp_problem('raw_created', 'created_at') }},
            {{ timestamp_problem('raw_closed_at', 'closed_at') }},
            case
                when
                    status is null
                    or status not in (
                        'needs_response', 'under_review', 'won', 'lost', 'charge_refunded',
                        'warning_needs_response', 'warning_under_review', 'warning_closed',
                        'prevented'
                    )
                    then 'unknown_status'
                when amount is null then 'missing_amount'
                when amount < 0 then 'wrong_sign'
                when currency is null then 'unknown_currency'
                when created_at is null then 'missing_timestamp'
                when status = 'won' and closed_at is null then 'missing_timestamp'
            end
        ) as input_problem
    from renamed

),

repeated as (

    select dispute_id
    from checked
    where dispute_id is not null
    group by dispute_id
    having count(*) > 1

),

singles as (

    select
        *,
        cast(null as varchar) as row_hash,
        dispute_id as source_key,
        true as is_first_copy,
        input_problem as row_reason
    from checked
    where
        dispute_id is not null
        and dispute_id not in (select repeated.dispute_id from repeated)

),

-- Only what may be repeated is compared: the rows without an id, and those whose
-- id is there again.
suspects as (

    select
        *,
        {{ key_hash([
            "dispute_id",
            "charge_id",
            "currency",
            "status",
            nano_units("amount"),
            epoch_microseconds("created_at"),
            epoch_microseconds("closed_at")
        ]) }} as row_hash
    from checked
    where
        dispute_id is null
        or dispute_id in (select repeated.dispute_id from repeated)

),

copies as (

    select
        *,
        coalesce(dispute_id, 'row:' || row_hash) as source_key,
        row_number() over (partition by dispute_id order by row_hash) = 1 as is_first_copy,
        coalesce({{ copy_reason('dispute_id') }}, input_problem) as row_reason
    from suspects

),

final as (

    select * from singles

    union all

    select * from copies

)

select * from final
