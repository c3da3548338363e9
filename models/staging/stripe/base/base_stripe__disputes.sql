{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'disputes') }}

),

copies as (

    {{ mark_copies('source', 'id', [
        'charge_id', 'currency', 'status', 'amount', 'created', 'closed_at'
    ]) }}

),

renamed as (

    select
        ---------- ids and strings
        source_key,
        copy_number,
        copy_reason,
        row_key as dispute_id,
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
    from copies

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

final as (

    select
        *,
        copy_number = 1 as is_first_copy,
        coalesce(copy_reason, input_problem) as row_reason
    from checked

)

select * from final
