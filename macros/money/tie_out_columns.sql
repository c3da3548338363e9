{#-
    The columns of rec_tie_outs that follow from the others: what the difference
    is, how much of it nothing explains, and whether that is nothing.
    Columns used: expected, actual, explained, numeric(38, 9).
-#}
{%- macro tie_out_columns() -%}
        expected,
        actual,
        cast(expected - actual as numeric(38, 9)) as difference,
        explained,
        cast(expected - actual - explained as numeric(38, 9)) as unexplained,
        expected - actual - explained = 0 as is_tied
{%- endmacro -%}
