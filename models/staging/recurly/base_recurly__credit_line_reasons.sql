-- One row per raw line of a credit invoice: why it takes no part, or null. Why the
-- invoice keeps its lines out goes before what ails a line of it.
{{ config(enabled='recurly' in var('sources') | string) }}

with

credit_lines as (

    select * from {{ ref('base_recurly__credit_lines') }}

),

credit_invoices as (

    select * from {{ ref('base_recurly__credit_invoices') }}
    where copy_number = 1

),

final as (

    select
        credit_lines.*,
        credit_invoices.customer_id as invoice_customer_id,
        credit_invoices.created_at as credited_at,
        credit_invoices.credit_kind,
        case
            when credit_lines.copy_reason is not null then credit_lines.copy_reason
            when
                credit_invoices.row_reason in (
                    'credit_events_ignored', 'not_finalised', 'booked_with_invoice',
                    'carried_forward'
                )
                then credit_invoices.row_reason
            else
                coalesce(
                    credit_lines.line_problem,
                    credit_invoices.row_reason,
                    credit_invoices.input_problem
                )
        end as line_reason
    from credit_lines
    inner join credit_invoices
        on credit_lines.invoice_id = credit_invoices.invoice_id

)

select * from final
