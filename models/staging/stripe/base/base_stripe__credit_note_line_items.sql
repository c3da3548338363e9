{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'credit_note_line_items') }}

),

renamed as (

    select
        ---------- ids and strings
        {{ text_value('id') }} as credit_note_line_id,
        {{ text_value('credit_note_id') }} as credit_note_id,
        {{ text_value('invoice_line_item_id') }} as invoice_line_id,

        ---------- numerics
        {{ parse_decimal('amount', 28, 9) }} as amount,
        {{ parse_decimal('tax_amount', 28, 9) }} as tax_amount,

        ---------- as it was
        amount as raw_amount,
        tax_amount as raw_tax_amount
    from source

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

repeated as (

    select credit_note_line_id
    from checked
    where credit_note_line_id is not null
    group by credit_note_line_id
    having count(*) > 1

),

singles as (

    select
        *,
        cast(null as varchar) as row_hash,
        credit_note_line_id as source_key,
        true as is_first_copy,
        input_problem as row_reason
    from checked
    where
        credit_note_line_id is not null
        and credit_note_line_id not in (select repeated.credit_note_line_id from repeated)

),

-- Only what may be repeated is compared: the rows without an id, and those whose
-- id is there again.
suspects as (

    select
        *,
        {{ key_hash([
            "credit_note_line_id",
            "credit_note_id",
            "invoice_line_id",
            nano_units("amount"),
            nano_units("tax_amount")
        ]) }} as row_hash
    from checked
    where
        credit_note_line_id is null
        or credit_note_line_id in (select repeated.credit_note_line_id from repeated)

),

copies as (

    select
        *,
        coalesce(credit_note_line_id, 'row:' || row_hash) as source_key,
        row_number() over (partition by credit_note_line_id order by row_hash) = 1 as is_first_copy,
        coalesce({{ copy_reason('credit_note_line_id') }}, input_problem) as row_reason
    from suspects

),

final as (

    select * from singles

    union all

    select * from copies

)

select * from final
