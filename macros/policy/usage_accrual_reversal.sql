{#-
    Question: how does the accrual of unbilled usage end?
    Options:
      'on_invoice'            it stands until the invoice: Dr accounts_receivable,
                              Cr unbilled_receivable for what was accrued, the
                              difference to revenue
      'start_of_next_period'  it is reversed when the next accounting period begins
                              and accrued again at its end, while no invoice has
                              come; the invoice is Dr accounts_receivable, Cr
                              usage_revenue
    Default: 'on_invoice'. Revenue of each period is the same.
    Rests on: ASC 606-10-45-1 to 45-4 / IFRS 15.105 to 108 (presentation only).
    Proof: python_tests/test_usage_parity.py

    Columns you may use: those of int_usage_period_terms before the policies.
-#}
{%- macro usage_accrual_reversal() -%}
    {{ return(adapter.dispatch("usage_accrual_reversal", "revrec")()) }}
{%- endmacro -%}

{%- macro default__usage_accrual_reversal() -%}
    'on_invoice'
{%- endmacro -%}
