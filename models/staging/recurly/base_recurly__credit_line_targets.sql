-- One row per raw line of a credit invoice: why it takes no part, or, on account,
-- the charge line that it refunds: the one that it names, else the newest of the
-- account with its plan and product that was billed by then, one whose service
-- period it starts in before others.
{{ config(enabled='recurly' in var('sources') | string, materialized='table') }}

with

credit_lines as (

    select * from {{ ref('base_recurly__credit_line_reasons') }}

),

charge_lines as (

    select * from {{ ref('stg_recurly__service_lines') }}
    -- A prepayment cannot be refunded.
    where row_reason is null and coalesce(recognition_hint, '') <> 'credit_purchase'

),

candidates as (

    select
        credit_lines.source_key,
        charge_lines.line_id,
        charge_lines.invoice_id,
        row_number() over (
            partition by credit_lines.source_key
            order by
                case
                    when
                        charge_lines.service_starts_at <= credit_lines.range_starts_at
                        and charge_lines.service_ends_at > credit_lines.range_starts_at
                        then 0
                    else 1
                end,
                charge_lines.known_at desc,
                {{ key_hash(['charge_lines.line_id']) }}
        ) as candidate_number
    from credit_lines
    inner join charge_lines
        on
            credit_lines.customer_id = charge_lines.customer_id
            and credit_lines.currency = charge_lines.currency
            and coalesce(credit_lines.plan_code, '') = coalesce(charge_lines.price_id, '')
            and coalesce(credit_lines.product_code, credit_lines.plan_code, '')
            = coalesce(charge_lines.product_id, '')
    where
        credit_lines.line_reason is null
        and credit_lines.credit_kind = 'on_account'
        and credit_lines.previous_line_id is null
        and charge_lines.amount > 0
        and charge_lines.known_at <= credit_lines.created_at
        -- Nobody means a gift card who does not name it.
        and charge_lines.deferred_account is null

),

found as (

    select
        credit_lines.*,
        coalesce(named.line_id, candidates.line_id) as refunded_line_id,
        coalesce(named.invoice_id, candidates.invoice_id) as refunded_invoice_id
    from credit_lines
    left join charge_lines as named
        on
            credit_lines.previous_line_id = named.line_id
            and credit_lines.currency = named.currency
            and credit_lines.credit_kind = 'on_account'
    left join candidates
        on
            credit_lines.source_key = candidates.source_key
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
