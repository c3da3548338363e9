{#-
    Question: which account is debited when credits are sold?
    Options: any asset account of the chart of accounts, or a liability that the
    sale moves (gift_card_liability).
    Default: credit_clearing where a line of the grant's invoice sells credits
    (the line credits it, so nothing is owed or earned twice) and was known before
    the period of the grant was closed (a late one is a warning); else
    gift_card_liability for a gift card (the liability stands since someone bought
    it), accounts_receivable where the grant has an invoice or is a prepayment that
    was invoiced as a credit, else cash.
    Rests on: ASC 606-10-45-4 / IFRS 15.108 (a receivable is an unconditional
    right to consideration), 606-10-55-46 / B44 (a prepayment is a liability).
    Proof: python_tests/test_policies.py::test_grant_debit_account,
    test_no_revenue_twice

    Columns you may use: those of int_credit_grants before the policies.
-#}
{%- macro grant_debit_account() -%}
    {{ return(adapter.dispatch("grant_debit_account", "revrec")()) }}
{%- endmacro -%}

{%- macro default__grant_debit_account() -%}
    case
        when has_invoice_line then 'credit_clearing'
        when funding = 'gift_card' then 'gift_card_liability'
        when invoice_id is null and funding <> 'prepayment' then 'cash'
        else 'accounts_receivable'
    end
{%- endmacro -%}
