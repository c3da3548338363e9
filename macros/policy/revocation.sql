{#-
    Question: what happens to the deferred value of credits that are voided?
    Options:
      'by_settlement'  Cr accounts_receivable where the grant's invoice is not
                       paid, else refund_liability (the customer is owed it
                       until the refund clears the liability)
      'reverse'        Cr the account that the grant debited
      'forfeit'        Cr breakage_revenue: the customer has lost the right. No share
                       is kept for a law of unclaimed property (such grants are listed)
    Each debits deferred_revenue.
    Default: 'by_settlement'.
    Rests on: ASC 606-10-32-10 / IFRS 15.55 (refund liability), 606-10-55-46 to
    55-48 / B44 to B46 (a right that is extinguished without refund).
    Proof: python_tests/test_policies.py::test_revocation

    Columns you may use: those of int_credit_grants before the policies.
-#}
{%- macro revocation() -%}
    {{ return(adapter.dispatch("revocation", "revrec")()) }}
{%- endmacro -%}

{%- macro default__revocation() -%}
    'by_settlement'
{%- endmacro -%}
