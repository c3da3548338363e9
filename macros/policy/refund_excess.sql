{#-
    Question: more units are revoked than remain. What is the excess?
    Options:
      'exception'      no value: it is listed (refund_above_remaining)
      'usage_revenue'  use that is paid back: Dr credit_revenue, Cr the account of
                       policy revocation, at cost, never more than the use of the
                       grant that was revenue. Nothing is paid back where revocation
                       is 'forfeit', so there it has no value
    Default: 'exception'.
    Rests on: ASC 606-10-32-10 / IFRS 15.55 (an amount that is owed back is no
    revenue) and 606-10-32-42 to 32-45 / 87 to 90 (a changed price of what was
    performed is revenue of the period of the change).
    Proof: python_tests/test_expiries.py

    Columns you may use: those of int_credit_grants before the policies.
-#}
{%- macro refund_excess() -%}
    {{ return(adapter.dispatch("refund_excess", "revrec")()) }}
{%- endmacro -%}

{%- macro default__refund_excess() -%}
    'exception'
{%- endmacro -%}
