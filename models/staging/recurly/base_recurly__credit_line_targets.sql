-- One row per raw line of a credit invoice: why it takes no part, or, on account,
-- the charge line that it refunds: the one that it names, else the newest of the
-- account with its plan and product that was billed by then, one whose service
-- period it starts in before others.
{{ config(enabled='recurly' in var('sources') | string, materialized='table') }}

with

credit_lines as (

    select * from {{ ref('base_recurly__credit_lines') }}

),

credit_invoices as (

    select * from {{ ref('base_recurly__credit_invoices') }}
    where copy_number = 1

),

charge_lines as (

    select * from {{ ref('stg_recurly__service_lines') }}
    where row_reason is null

),

reasoned as (

    select
        credit_lines.*,
        credit_invoices.customer_id as invoice_customer_id,
        credit_invoices.created_at as credited_at,
        credit_invoices.credit_kind,
        -- Why the invoice keeps its lines out goes before what ails a line of it.
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

),

candidates as (

    select
        reasoned.source_key,
        charge_lines.line_id,
        charge_lines.invoice_id,
        row_number() over (
            partition by reasoned.source_key
            order by
                case
                    when
                        charge_lines.service_starts_at <= reasoned.range_starts_at
                        and charge_lines.service_ends_at > reasoned.range_starts_at
                        then 0
                    else 1
                end,
                charge_lines.known_at desc,
                {{ key_hash(['charge_lines.line_id']) }}
        ) as candidate_number
    from reasoned
    inner join charge_lines
        on
            reasoned.customer_id = charge_lines.customer_id
            and reasoned.currency = charge_lines.currency
            and coalesce(reasoned.plan_code, '') = coalesce(charge_lines.price_id, '')
            and coalesce(reasoned.product_code, reasoned.plan_code, '')
            = coalesce(charge_lines.product_id, '')
    where
        reasoned.line_reason is null
        and reasoned.credit_kind = 'on_account'
        and reasoned.previous_line_id is null
        and charge_lines.amount > 0
        and charge_lines.known_at <= reasoned.created_at
        -- Credit that was bought is no service that could be refunded.
        and charge_lines.deferred_account is null
        and coalesce(charge_lines.recognition_hint, '') <> 'credit_purchase'

),

found as (

    select
        reasoned.*,
        coalesce(named.line_id, candidates.line_id) as refunded_line_id,
        coalesce(named.invoice_id, candidates.invoice_id) as refunded_invoice_id
    from reasoned
    left join charge_lines as named
        on
            reasoned.previous_line_id = named.line_id
            and reasoned.currency = named.currency
            and reasoned.credit_kind = 'on_account'
    left join candidates
        on
            reasoned.source_key = candidates.source_key
            and candidates.candidate_number = 1

),

final as (

    select
        source_key,
        invoice_id as credit_invoice_id,
        invoice_customer_id as customer_id,
        currency,
        credited_at,
        -amount as amount,
        -tax_amount as tax_amount,
        refunded_line_id,
        refunded_invoice_id,
        coalesce(
            line_reason,
            case
                when credit_kind = 'on_account' and refunded_line_id is null
                    then 'unknown_credited_line'
            end
        ) as row_reason
    from found

)

select * from final
