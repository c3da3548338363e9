{#-
    Question: when does a goodwill credit (free money off coming invoices) reduce
    revenue?
    Options:
      'at_redemption'  Dr discounts, Cr accounts_receivable when it pays an invoice:
                       nothing is owed before, for the customer has to buy first
      'at_issue'       Dr credit_notes, Cr customer_balance when it is given (it
                       makes good a past service); a redemption then settles, Dr
                       customer_balance, Cr accounts_receivable
    Default: 'at_redemption'.
    Rests on: ASC 606-10-32-25 to 32-27 / IFRS 15.70 to 72 (consideration payable
    to a customer reduces revenue at the later of the sale that it concerns and the
    promise to pay it).
    Proof: python_tests/test_credit_events.py::test_goodwill_recognition

    Columns you may use: those of int_credit_grants before the policies.
-#}
{%- macro goodwill_recognition() -%}
    {{ return(adapter.dispatch("goodwill_recognition", "revrec")()) }}
{%- endmacro -%}

{%- macro default__goodwill_recognition() -%}
    'at_redemption'
{%- endmacro -%}
