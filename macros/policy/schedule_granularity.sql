{#-
    Question: how is a line spread over its service period?
    Options:
      'by_second'               by the seconds of each accounting period
      'by_day'                  by its days; the last day is cut off
      'by_month_even'           every month alike, the last month cut off
      'by_month_prorated_ends'  the first and last month by their share of the
                                whole time, the months between them alike
      'by_month_fraction'       a partial month weighs its fraction of it
      'by_period_even'          every month that the period touches alike
    Default: 'by_day'. A service period of whole days is by_day under by_second
    too. NetSuite's methods are in macros/policy/_policy__macros.yml.
    Rests on: ASC 606-10-25-31 and 25-37 / IFRS 15.39 and 45 (one method that
    measures progress, for like obligations alike), 606-10-55-20 / B18 (time).
    Proof: python_tests/test_rules.py::test_policies_by_customer

    Columns you may use: those of int_service_lines.
-#}
{%- macro schedule_granularity() -%}
    {{ return(adapter.dispatch("schedule_granularity", "revrec")()) }}
{%- endmacro -%}

{%- macro default__schedule_granularity() -%}
    'by_day'
{%- endmacro -%}
