{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'credit_note_line_items') }}

),

copies as (

    {{ mark_copies('source', 'id', [
        'credit_note_id', 'invoice_line_item_id', 'amount', 'tax_amount'
    ]) }}

),

renamed as (

    select
        ---------- ids and strings
        source_key,
        copy_number,
        copy_reason,
        row_key as credit_note_line_id,
        {{ text_value('credit_note_id') }} as credit_note_id,
        {{ text_value('invoice_line_item_id') }} as invoice_line_id,

        ---------- numerics
        {{ parse_decimal('amount', 28, 9) }} as amount,
        {{ parse_decimal('tax_amount', 28, 9) }} as tax_amount,

        ---------- as it was
        amount as raw_amount,
        tax_amount as raw_tax_amount
    from copies

),

checked as (

    select
        *,
        coalesce(
            least(
                {{ decimal_problem('raw_amount', 'amount', 28, 9) }},
                {{ decimal_problem('raw_tax_amount', 'tax_amount', 28, 9) }}
            ),
            case
                when amount is null then 'missing_amount'
                -- Minor units, so there are no fractions of them to divide.
                when amount <> trunc(amount) or tax_amount <> trunc(tax_amount)
                    then 'precision_exceeded'
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
