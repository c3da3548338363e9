{#-
    Question: what did the customer pay for paid credits that are money off
    invoices, where the source does not say it?
    Options:
      'exception'   nobody knows, so the grant is not in the books until its cost
                    is given: missing is not zero
      'face_value'  what the credits are worth: one of the currency for each
    Default: 'exception'.
    Rests on: ASC 606-10-32-2 / IFRS 15.47 (the transaction price is what the
    entity expects to be paid; a discount on credits is not in their face value).
    Proof: python_tests/test_stripe_credits_staging.py::test_paid_credits_without_cost

    Columns you may use: those of the canonical shape credit_grants but for
    price_per_unit and unread_values.
-#}
{%- macro paid_credits_without_cost() -%}
    {{ return(adapter.dispatch("paid_credits_without_cost", "revrec")()) }}
{%- endmacro -%}

{%- macro default__paid_credits_without_cost() -%}
    'exception'
{%- endmacro -%}
