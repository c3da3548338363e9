-- One row per prepayment of which both invoices are there, the one that the customer
-- pays and the credit. No column links them: a credit belongs to the last charge of its
-- account, currency and amount that was issued before it; of several credits after
-- several charges the later ones to the earlier charges. What becomes of a charge later
-- changes nothing.
{{ config(enabled='recurly' in var('sources') | string) }}

with

prepayments as (

    select * from {{ ref('base_recurly__invoices') }}
    where row_reason is null and origin = 'prepayment'

),

-- How many charges were there when each invoice was issued.
counted as (

    select
        *,
        abs(total) as amount,
        sum(case when is_credit then 0 else 1 end) over (
            partition by customer_id, currency, abs(total)
            order by created_at, is_credit, {{ key_hash(['invoice_id']) }}
            rows between unbounded preceding and current row
        ) as charge_number
    from prepayments

),

credits as (

    select
        *,
        charge_number - row_number() over (
            partition by customer_id, currency, amount, charge_number
            order by created_at, {{ key_hash(['invoice_id']) }}
        ) + 1 as matched_number,
        lag(charge_number, 1, 0) over (
            partition by customer_id, currency, amount
            order by created_at, {{ key_hash(['invoice_id']) }}
        ) as number_before
    from counted
    where is_credit

),

-- Charges that were there before the last credit of another charge are that credit's.
bounded as (

    select
        *,
        max(case when number_before < charge_number then number_before end) over (
            partition by customer_id, currency, amount, charge_number
        ) as taken_number
    from credits

),

final as (

    select
        bounded.invoice_id as credit_invoice_id,
        charges.invoice_id as charge_invoice_id,
        charges.state as charge_state
    from bounded
    inner join counted as charges
        on
            bounded.customer_id = charges.customer_id
            and bounded.currency = charges.currency
            and bounded.amount = charges.amount
            and bounded.matched_number = charges.charge_number
    where
        not charges.is_credit
        and bounded.matched_number > coalesce(bounded.taken_number, 0)

)

select * from final
