{#-
    The accounting date of a UTC timestamp: the one place where
    var('accounting_timezone') is applied. After it there are only dates.

    Arguments: a timestamp expression in UTC.
-#}
{%- macro accounting_date(utc_timestamp) -%}
    {%- set zone = revrec.accounting_timezone() -%}
    {%- if zone == "UTC" -%}
        cast({{ utc_timestamp }} as date)
    {%- else -%}
        {{ revrec.date_in_zone(utc_timestamp, zone) }}
    {%- endif -%}
{%- endmacro -%}
