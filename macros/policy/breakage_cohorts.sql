{#-
    Question: how many closed cohorts are the history of an estimate? The constraint
    'lowest_of_cohorts' and the range in rpt_breakage_experience look at the latest.
    Options: a whole number above 0.
    Default: 4.
    Rests on: ASC 606-10-32-12 / IFRS 15.57 (experience, and how far it predicts).
    Proof: python_tests/test_breakage_reports.py

    Columns you may use: those of int_credit_grants before the policies.
-#}
{%- macro breakage_cohorts() -%}
    {{ return(adapter.dispatch("breakage_cohorts", "revrec")()) }}
{%- endmacro -%}

{%- macro default__breakage_cohorts() -%}
    4
{%- endmacro -%}
