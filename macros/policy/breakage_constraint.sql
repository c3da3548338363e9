{#-
    Question: how much of an estimate of breakage may be recognised?
    Options:
      'none'               the rate that finance estimates
      'haircut'            less the share that policy breakage_haircut says
      'lowest_of_cohorts'  at most the lowest share that the last closed cohorts left
                           unused (policy breakage_cohorts says how many); nothing while
                           fewer have closed
    Default: 'none'. Only grants whose breakage is 'proportional' ask.
    Rests on: ASC 606-10-32-11 to 32-13 / IFRS 15.56 to 58 (to the extent that a
    significant reversal is not probable).
    Proof: python_tests/test_breakage_parity.py (none, haircut) and
    test_breakage_reports.py (lowest_of_cohorts)

    Columns you may use: those of int_credit_grants before the policies.
-#}
{%- macro breakage_constraint() -%}
    {{ return(adapter.dispatch("breakage_constraint", "revrec")()) }}
{%- endmacro -%}

{%- macro default__breakage_constraint() -%}
    'none'
{%- endmacro -%}
