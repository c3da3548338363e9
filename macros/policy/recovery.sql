{#-
    Question: what is money that comes back after revenue was given up for it
    (a dispute won, a refund that failed, a bad debt paid)?
    Options:
      'restore'   the contra account is reversed, and the schedule goes on
      'as_gains'  Cr recoverables; what was given up stays given up
    Default: 'restore'.
    Rests on: ASC 606-10-32-14 / IFRS 15.59 (the transaction price is estimated
    again), ASC 450-30-25-1 / IAS 37.33 (a gain is taken when it is realised).
    Proof: python_tests/test_rules.py::test_policies_by_customer

    Columns you may use: those of int_service_lines.
-#}
{%- macro recovery() -%}
    {{ return(adapter.dispatch("recovery", "revrec")()) }}
{%- endmacro -%}

{%- macro default__recovery() -%}
    'restore'
{%- endmacro -%}
