{#-
    Question: may usage be recognised as invoiced where its price depends on later
    usage (volume pricing) or a minimum is committed?
    Options:
      'refuse'  no: it needs an estimate (exception right_to_invoice_refused
                without one)
      'allow'   yes: each period has the marginal value of its usage, which is
                negative where a lower price reaches back
    Default: 'refuse'.
    Rests on: ASC 606-10-55-18 / IFRS 15.B16 (the amount must correspond directly
    with the value of performance to date).
    Proof: python_tests/test_usage_parity.py

    Columns you may use: those of int_usage_period_terms before the policies.
-#}
{%- macro right_to_invoice_limits() -%}
    {{ return(adapter.dispatch("right_to_invoice_limits", "revrec")()) }}
{%- endmacro -%}

{%- macro default__right_to_invoice_limits() -%}
    'refuse'
{%- endmacro -%}
