{#-
    Question: when is the value of credits revenue that nobody will use?
    Options:
      'at_expiry'  when they expire: Dr deferred_revenue, Cr breakage_revenue
    Default: 'at_expiry'. Estimates (in proportion to use, or when use has
    become remote) are options of a later version; this is their place.
    Rests on: ASC 606-10-55-48 / IFRS 15.B46.
    Proof: python_tests/test_worked_example.py

    Columns you may use: those of int_credit_grants before the policies.
-#}
{%- macro breakage_timing() -%}
    {{ return(adapter.dispatch("breakage_timing", "revrec")()) }}
{%- endmacro -%}

{%- macro default__breakage_timing() -%}
    'at_expiry'
{%- endmacro -%}
