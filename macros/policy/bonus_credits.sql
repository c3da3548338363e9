{#-
    Question: what is the price of promotional credits that come with paid ones, on
    one invoice?
    Options:
      'relative_ssp'  the price of the paid credits is allocated over both, by
                      standalone selling price times units; the grants of a
                      purchase that are answered so share it (no price in
                      standalone_selling_prices: exception missing_standalone_price)
      'zero_cost'     nothing: the paid credits carry the whole price, so revenue
                      comes earlier while they are used first (rpt_credit_activity
                      counts it)
    Default: 'relative_ssp' where every credit unit of the purchase has a price
    there, else 'zero_cost'.
    Rests on: ASC 606-10-32-28 and 32-31 to 32-34 / IFRS 15.73 and 76 to 79 (the
    transaction price is allocated to all that was promised).
    Proof: python_tests/test_bonus_credits.py

    Columns you may use: those of int_credit_grants before the policies, and
    has_standalone_prices.
-#}
{%- macro bonus_credits() -%}
    {{ return(adapter.dispatch("bonus_credits", "revrec")()) }}
{%- endmacro -%}

{%- macro default__bonus_credits() -%}
    case when has_standalone_prices then 'relative_ssp' else 'zero_cost' end
{%- endmacro -%}
