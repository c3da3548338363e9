{#-
    Question: who says that credits have expired?
    Options:
      'from_ledger'  the source writes a row of it: a grant past its expiry with units
                     left is listed (expired_with_balance) and stays deferred
      'synthesise'   the grant's own date of expiry: what is left of it then expires,
                     dated there, unless the source writes a row of it
    Default: 'from_ledger' for Stigg, whose ledger has CREDITS_EXPIRED, and for what is
    owed on account (only the source may say that a debt has ended); else 'synthesise':
    systems that write rows of expiry lose nothing by it, for a row
    takes the place of what was synthesised.
    Rests on: ASC 606-10-55-48 / IFRS 15.B46 (the rights that the customer no longer
    has), 606-10-25-1 / 9 (the contract says when).
    Proof: python_tests/test_expiries.py

    Columns you may use: those of int_credit_grants before the policies.
-#}
{%- macro expiry_source() -%}
    {{ return(adapter.dispatch("expiry_source", "revrec")()) }}
{%- endmacro -%}

{%- macro default__expiry_source() -%}
    case
        when source_system = 'stigg' or funding = 'on_account' then 'from_ledger'
        else 'synthesise'
    end
{%- endmacro -%}
