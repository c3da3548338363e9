{#-
    Question: when is use beyond the balance revenue?
    Options:
      'at_settlement'  when a later grant takes the consumption over, at that
                       grant's own cost
      'when_used'      also while it is unsettled: Dr contract_asset, Cr
                       credit_revenue at list price (none: exception
                       missing_list_price), reversed as it is settled
    Default: 'at_settlement'.
    Rests on: ASC 606-10-25-1 and 25-6 / IFRS 15.9 and 14 (is there a contract
    before the next purchase?), 606-10-45-3 / 107 (contract asset).
    Proof: python_tests/test_policies.py::test_overdraft_recognition

    Columns you may use: those of int_credit_grants before the policies.
-#}
{%- macro overdraft_recognition() -%}
    {{ return(adapter.dispatch("overdraft_recognition", "revrec")()) }}
{%- endmacro -%}

{%- macro default__overdraft_recognition() -%}
    'at_settlement'
{%- endmacro -%}
