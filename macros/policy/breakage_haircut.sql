{#-
    Question: which share of an estimated rate does the constraint 'haircut' leave out?
    Options: a number from 0 to 1, with up to six decimals.
    Default: 0.25.
    Rests on: ASC 606-10-32-11 to 32-13 / IFRS 15.56 to 58.
    Proof: python_tests/test_breakage_parity.py

    Columns you may use: those of int_credit_grants before the policies.
-#}
{%- macro breakage_haircut() -%}
    {{ return(adapter.dispatch("breakage_haircut", "revrec")()) }}
{%- endmacro -%}

{%- macro default__breakage_haircut() -%}
    0.25
{%- endmacro -%}
