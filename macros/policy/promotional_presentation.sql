{#-
    Question: how are credits shown that were given away? (Not those that share the
    price of what they were bought with: see bonus_credits.)
    Options:
      'memo'   counted in units, no entry
      'gross'  when used, Dr discounts, Cr credit_revenue at the list price in
               list_prices (none there: exception missing_list_price); the
               effect on net revenue is zero
    Default: 'memo'.
    Rests on: ASC 606-10-32-25 / IFRS 15.70 (consideration payable to a customer
    reduces revenue; a free credit has no transaction price).
    Proof: python_tests/test_policies.py::test_promotional_presentation

    Columns you may use: those of int_credit_grants before the policies.
-#}
{%- macro promotional_presentation() -%}
    {{ return(adapter.dispatch("promotional_presentation", "revrec")()) }}
{%- endmacro -%}

{%- macro default__promotional_presentation() -%}
    'memo'
{%- endmacro -%}
