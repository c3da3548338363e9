{#-
    Question: what are credits that a subscription grants every period?
    Options:
      'paid_if_priced'            paid where the export has a cost, else
                                  exception recurring_without_cost
      'included_in_subscription'  memo: the subscription's own revenue covers them
    Default: 'paid_if_priced'.
    Rests on: ASC 606-10-25-14 and 25-19 / IFRS 15.22 and 27 (is the right to
    the credits distinct from the subscription?).
    Proof: python_tests/test_policies.py::test_recurring_grants

    Columns you may use: those of int_credit_grants before the policies.
-#}
{%- macro recurring_grants() -%}
    {{ return(adapter.dispatch("recurring_grants", "revrec")()) }}
{%- endmacro -%}

{%- macro default__recurring_grants() -%}
    'paid_if_priced'
{%- endmacro -%}
