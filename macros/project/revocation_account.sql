{#-
    The account that a revocation of credits credits, by policy revocation: the columns are
    those of int_credit_grants_priced.

    Arguments: grants, its alias.
-#}
{%- macro revocation_account(grants) -%}
    case
        when {{ grants }}.presentation = 'owed' and {{ grants }}.funding = 'goodwill'
            then 'credit_notes'
        when {{ grants }}.presentation = 'owed' then 'customer_balance_adjustments'
        when {{ grants }}.revocation_policy = 'forfeit' then 'breakage_revenue'
        when {{ grants }}.revocation_policy = 'reverse' then {{ grants }}.grant_debit_account
        -- The billing source books what becomes of the invoice, but for a prepayment that
        -- was paid: its money stays.
        when
            {{ grants }}.grant_debit_account = 'credit_clearing'
            and not ({{ grants }}.funding = 'prepayment' and {{ grants }}.is_invoice_paid)
            then 'credit_clearing'
        -- A prepayment debited the receivable, also without an invoice of its own.
        when
            ({{ grants }}.invoice_id is not null or {{ grants }}.funding = 'prepayment')
            and not {{ grants }}.is_invoice_paid
            then 'accounts_receivable'
        else 'refund_liability'
    end
{%- endmacro -%}
