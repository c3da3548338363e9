{{ config(enabled='stripe' in var('sources') | string, materialized='table') }}

-- The raw credit note lines, each with the reason why it does not count and the
-- service line that it takes back. The lines of a note say how it is split together
-- or not at all: if one does not count, or they do not come to the note's amount, the
-- note is split over its invoice as one without lines. They may come to more, for
-- discounts are not in their amounts.
with

note_lines as (

    select * from {{ ref('base_stripe__credit_note_line_items') }}

),

credit_notes as (

    select * from {{ ref('stg_stripe__credit_note_states') }}
    where is_first_copy and credit_note_id is not null

),

lines as (

    select * from {{ ref('base_stripe__invoice_line_items') }}
    where
        row_reason is null
        and invoice_line_id in (select note_lines.invoice_line_id from note_lines)

),

invoiced_items as (

    select * from {{ ref('stg_stripe__invoiced_items') }}

),

joined as (

    select
        note_lines.source_key,
        note_lines.credit_note_id,
        credit_notes.currency,
        coalesce(invoiced_items.invoice_item_id, lines.invoice_line_id) as line_id,
        credit_notes.amount as credit_note_amount,
        note_lines.amount
        - case when lines.is_tax_inclusive then coalesce(note_lines.tax_amount, 0) else 0 end
            as amount,
        coalesce(note_lines.tax_amount, 0) as tax_amount,
        coalesce(
            note_lines.row_reason,
            case when credit_notes.credit_note_id is null then 'unknown_credit_note' end,
            credit_notes.credit_note_reason,
            case when lines.invoice_line_id is null then 'unknown_line' end
        ) as own_reason
    from note_lines
    left join credit_notes
        on note_lines.credit_note_id = credit_notes.credit_note_id
    left join lines
        on
            note_lines.invoice_line_id = lines.invoice_line_id
            and credit_notes.invoice_id = lines.invoice_id
    left join invoiced_items
        on lines.invoice_line_id = invoiced_items.invoice_line_id

),

footed as (

    select
        *,
        sum(case when own_reason is null then amount + tax_amount end)
            over (partition by credit_note_id) as lines_amount,
        count(case when own_reason <> 'duplicate' then 1 end)
            over (partition by credit_note_id) as bad_lines
    from joined

),

final as (

    select
        source_key,
        credit_note_id,
        currency,
        line_id,
        amount,
        tax_amount,
        lines_amount,
        coalesce(
            own_reason,
            case
                when bad_lines > 0 or lines_amount < credit_note_amount
                    then 'lines_do_not_foot'
            end
        ) as line_reason
    from footed

)

select * from final
