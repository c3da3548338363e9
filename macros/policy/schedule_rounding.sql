{#-
    Question: where do the fractions of a minor unit of a schedule go?
    Options:
      'cumulative'                 the rounded cumulative less the one before
      'plug_first'                 every slice rounded, the first takes the rest
      'plug_last'                  every slice rounded, the last takes the rest
      'truncate_last_full_period'  cut off; the last full month takes the rest
      'truncate_next_to_last'      cut off; the last period but one takes it
    Default: 'cumulative'.
    Rests on: no paragraph (below materiality, SAB 99 / IAS 8.5); each option
    sums to the line exactly. The others exist to meet a vendor's own figures.
    Proof: python_tests/test_rules.py::test_policies_by_customer

    Columns you may use: those of int_service_lines.
-#}
{%- macro schedule_rounding() -%}
    {{ return(adapter.dispatch("schedule_rounding", "revrec")()) }}
{%- endmacro -%}

{%- macro default__schedule_rounding() -%}
    'cumulative'
{%- endmacro -%}
