{#-
    Question: when is metered usage revenue?
    Options:
      'right_to_invoice'      as it is used, at the value that the schedule asks
                              for it; not where right_to_invoice_limits refuses:
                              then as estimate_constrained
      'estimate_constrained'  as it is used, at the price per unit that the seed
                              usage_estimates expects; the value at the end of the
                              billing period. Without an estimate it is an exception
      'at_period_end'         when the billing period ends
    Default: 'right_to_invoice'.
    Rests on: ASC 606-10-55-18 / IFRS 15.B16 (right to invoice), 606-10-32-5 to
    32-14 / 50 to 59 (estimates of variable consideration and their constraint).
    Proof: python_tests/test_usage_parity.py

    Columns you may use: those of int_usage_period_terms before the policies.
-#}
{%- macro usage_recognition() -%}
    {{ return(adapter.dispatch("usage_recognition", "revrec")()) }}
{%- endmacro -%}

{%- macro default__usage_recognition() -%}
    'right_to_invoice'
{%- endmacro -%}
