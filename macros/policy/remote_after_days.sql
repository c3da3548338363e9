{#-
    Question: after how many days without a use (or a purchase, or a use that was taken
    back) is it remote that the rest of a grant is used? Only grants whose breakage is
    'remote' ask. Units that are given later begin anew. What finance says of a grant in
    the seed remote_credits goes before it.
    Options: a whole number of days; null leaves it to the seed.
    Default: 365.
    Rests on: ASC 606-10-55-48 / IFRS 15.B46 (the likelihood of exercise is remote).
    Proof: python_tests/test_breakage_parity.py

    Columns you may use: those of int_credit_grants before the policies.
-#}
{%- macro remote_after_days() -%}
    {{ return(adapter.dispatch("remote_after_days", "revrec")()) }}
{%- endmacro -%}

{%- macro default__remote_after_days() -%}
    {%- if revrec.uses_sample_data() -%} 60 {%- else -%} 365 {%- endif -%}
{%- endmacro -%}
