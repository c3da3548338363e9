{#-
    Question: which part of a line had been earned when an event reverses it?
    Options:
      'earlier_periods'         what was recognised in accounting periods before
                                the one that the event posts to: that goes to
                                the contra account, the rest comes off deferred
      'through_current_period'  that and what its own period recognises
    Default: 'earlier_periods', as Stripe's published examples compute it.
    Rests on: ASC 606-10-25-13 and 32-43 / IFRS 15.21 and 88 (a change of the
    price is taken in the period of the change).
    Proof: python_tests/test_rules.py::test_policies_by_customer

    Columns you may use: those of int_service_lines.
-#}
{%- macro reversal_timing() -%}
    {{ return(adapter.dispatch("reversal_timing", "revrec")()) }}
{%- endmacro -%}

{%- macro default__reversal_timing() -%}
    'earlier_periods'
{%- endmacro -%}
