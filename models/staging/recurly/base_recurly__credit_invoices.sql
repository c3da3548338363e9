-- One row per raw row of a credit invoice: its kind, why it takes no part as a
-- credit (row_reason), or what is wrong with it as one (input_problem). The first of
-- its lines says for what it was given. Stored, for the credits of the room rest on it.
{{ config(enabled='recurly' in var('sources') | string, materialized='table') }}

with

credit_invoices as (

    select * from {{ ref('base_recurly__invoices') }}
    where is_credit

),

lines as (

    select * from {{ ref('base_recurly__credit_lines') }}
    where line_problem is null

),

numbered_lines as (

    select
        *,
        row_number() over (
            partition by invoice_id
            order by created_at, {{ key_hash(['source_key']) }}
        ) as line_number
    from lines

),

line_totals as (

    select
        invoice_id,
        sum(amount + tax_amount) as lines_total
    from lines
    group by invoice_id

),

described as (

    select
        credit_invoices.*,
        numbered_lines.credit_reason_code,
        numbered_lines.plan_code,
        numbered_lines.product_code,
        coalesce(line_totals.lines_total, 0) as lines_total
    from credit_invoices
    left join numbered_lines
        on
            credit_invoices.invoice_id = numbered_lines.invoice_id
            and numbered_lines.line_number = 1
    left join line_totals
        on credit_invoices.invoice_id = line_totals.invoice_id

),

decided as (

    select
        *,
        {{ credit_kind() }} as credit_kind
    from described

),

final as (

    select
        source_key,
        copy_number,
        invoice_id,
        invoice_number,
        customer_id,
        origin,
        state,
        currency,
        total,
        balance,
        created_at,
        updated_at,
        plan_code,
        product_code,
        credit_kind,
        coalesce(
            row_reason,
            case
                when credit_kind = 'write_off' then 'booked_with_invoice'
                when credit_kind = 'carried_forward' then 'carried_forward'
                when credit_kind in ('goodwill', 'on_account', 'prepayment', 'gift_card')
                    then null
                else 'unknown_credit_kind'
            end
        ) as row_reason,
        coalesce(
            input_problem,
            case
                when total is null then 'missing_amount'
                when total >= 0 then 'wrong_sign'
                when total <= -100000000000 then 'out_of_range'
                when total <> lines_total then 'lines_do_not_foot'
            end
        ) as input_problem
    from decided

)

select * from final
