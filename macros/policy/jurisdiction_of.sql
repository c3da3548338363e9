{#-
    Question: the unclaimed property law of which jurisdiction holds for a grant? The
    seed unclaimed_property says which share of its breakage is never revenue, and when
    it is to be handed over.
    Options: a name of that seed; null where no such law holds (between businesses).
    Default: null.
    Rests on: ASC 606-10-55-49 / IFRS 15.B47.
    Proof: python_tests/test_breakage_parity.py

    Columns you may use: those of int_credit_grants before the policies.
-#}
{%- macro jurisdiction_of() -%}
    {{ return(adapter.dispatch("jurisdiction_of", "revrec")()) }}
{%- endmacro -%}

{%- macro default__jurisdiction_of() -%}
    cast(null as varchar)
{%- endmacro -%}
