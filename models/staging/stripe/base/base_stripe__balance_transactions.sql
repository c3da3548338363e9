{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'balance_transactions') }}

),

copies as (

    {{ mark_copies('source', 'id', [
        'currency', 'amount', 'fee', 'created'
    ]) }}

),

renamed as (

    select
        ---------- ids and strings
        source_key,
        copy_number,
        copy_reason,
        row_key as balance_transaction_id,
        upper(trim({{ text_value('currency') }})) as currency,

        ---------- numerics
        {{ parse_decimal('amount', 28, 9) }} as amount,
        {{ parse_decimal('fee', 28, 9) }} as fee,

        ---------- timestamps
        {{ parse_epoch_or_timestamp('created') }} as created_at,

        ---------- as it was
        amount as raw_amount,
        fee as raw_fee,
        created as raw_created
    from copies

),

checked as (

    select
        *,
        coalesce(
            least(
                {{ decimal_problem('raw_amount', 'amount', 28, 9) }},
                {{ decimal_problem('raw_fee', 'fee', 28, 9) }}
            ),
            {{ timestamp_problem('raw_created', 'created_at') }},
            case
                when currency is null then 'unknown_currency'
                when created_at is null then 'missing_timestamp'
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
