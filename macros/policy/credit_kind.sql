{#-
    Question: what is a credit that a billing system issues as an invoice below zero?
    Options:
      'goodwill'         given away; it reduces revenue
      'on_account'       owed instead of a refund; the refunded lines are reversed
      'prepayment'       the customer paid in advance
      'gift_card'        the same, paid by somebody else
      'write_off'        offsets an invoice that was not paid; no credit of anybody
      'carried_forward'  an older credit once more; no part of the books
      null               exception unknown_credit_kind
    Default: by origin; where that does not tell, by the reason of its lines. A
    credit that was issued by hand (origin credit) without a reason is goodwill.
    Rests on: ASC 606-10-32-25 / IFRS 15.70 (goodwill: consideration payable to a
    customer), 606-10-32-10 / 55 (on account: refund liability), 606-10-55-46 /
    B44 (prepayment and gift card: a liability until it is used).
    Proof: python_tests/test_recurly_staging.py::test_kinds_of_credit,
    test_a_project_says_what_its_credits_are

    Columns you may use: origin, credit_reason_code (lower case) and plan_code. The
    last two are those of the first line of the invoice (by created_at, then a hash
    of its id): one invoice is one kind, also where its lines differ.
-#}
{%- macro credit_kind() -%}
    {{ return(adapter.dispatch("credit_kind", "revrec")()) }}
{%- endmacro -%}

{%- macro default__credit_kind() -%}
    case
        when origin in ('prepayment', 'gift_card', 'write_off') then origin
        when origin in ('carryforward_credit', 'carryforward_gift_credit') then 'carried_forward'
        when
            origin in (
                'line_item_refund', 'open_amount_refund', 'refund', 'external_refund',
                'immediate_change', 'termination', 'usage_correction'
            )
            then 'on_account'
        when credit_reason_code = 'refund' then 'on_account'
        when credit_reason_code in ('gift_card', 'write_off') then credit_reason_code
        when credit_reason_code in ('promotional', 'service') then 'goodwill'
        when origin = 'credit' and coalesce(credit_reason_code, 'general') = 'general'
            then 'goodwill'
    end
{%- endmacro -%}
