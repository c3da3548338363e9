{#-
    Question: to which legal entity does an obligation belong?
    Options: any text; for instance a case over currency or customer_id.
    Default: var('entity_id') for all.
    Rests on: the reporting entity, ASC 810-10-05 / IFRS 10.2.
    Proof: python_tests/test_policies.py::test_entity_of_by_currency

    Columns you may use: those of int_credit_grants before the policies.
-#}
{%- macro entity_of() -%}
    {{ return(adapter.dispatch("entity_of", "revrec")()) }}
{%- endmacro -%}

{%- macro default__entity_of() -%}
    '{{ revrec.default_entity_id() }}'
{%- endmacro -%}
