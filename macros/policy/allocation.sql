{#-
    Question: what does each line of a bundle earn?
    Options:
      'as_invoiced'               the amount of the line
      'standalone_selling_price'  the lines of an invoice that are answered so
                                  share their total by standalone selling price
                                  times quantity (seed standalone_selling_prices)
    Default: 'as_invoiced'.
    Rests on: ASC 606-10-32-28 and 32-31 to 32-34 / IFRS 15.73 and 76 to 79.
    Proof: python_tests/test_rules.py::test_policies_by_customer

    Columns you may use: those of int_service_lines.
-#}
{%- macro allocation() -%}
    {{ return(adapter.dispatch("allocation", "revrec")()) }}
{%- endmacro -%}

{%- macro default__allocation() -%}
    'as_invoiced'
{%- endmacro -%}
