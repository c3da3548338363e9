{#-
    Question: what is the part of a minimum commitment that was not used?
    Options:
      'usage_revenue'     revenue of usage when the billing period ends
      'breakage_revenue'  the same, shown as breakage: an unexercised right
      'at_invoice'        nothing until the invoice bills it
    Default: 'usage_revenue'.
    Rests on: ASC 606-10-55-46 to 55-48 / IFRS 15.B44 to B46 (unexercised rights),
    606-10-32-11 / 56 (the constraint: the end of the period settles it).
    Proof: python_tests/test_usage_parity.py

    Columns you may use: those of int_usage_period_terms before the policies.
-#}
{%- macro commitment_shortfall() -%}
    {{ return(adapter.dispatch("commitment_shortfall", "revrec")()) }}
{%- endmacro -%}

{%- macro default__commitment_shortfall() -%}
    'usage_revenue'
{%- endmacro -%}
