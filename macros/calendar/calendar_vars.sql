{#- The first month of a fiscal year (1 with a week calendar, where
    int_monthly_periods is not used). -#}
{%- macro fiscal_start_month() -%}
    {{ return(revrec.fiscal_year_start() if revrec.calendar_name() == "monthly" else 1) }}
{%- endmacro -%}


{#- A first day of a fiscal year of a week calendar, a date literal (any day
    with the monthly calendar, where int_week_periods is not used). -#}
{%- macro fiscal_first_day() -%}
    cast('
    {%- if revrec.calendar_name() == "monthly" -%} 2001-01-01
    {%- else -%} {{ revrec.fiscal_year_start() }}
    {%- endif -%}
    ' as date)
{%- endmacro -%}


{#- Weeks of a quarter before its second (month 1) or third period (month 2);
    0 before its first. -#}
{%- macro weeks_before(month_of_quarter) -%}
    {%- set name = revrec.calendar_name() -%}
    {%- set weeks = [4, 4, 5] if name == "monthly" else name.split("-") | map("int") | list -%}
    {{ return(weeks[:month_of_quarter] | sum) }}
{%- endmacro -%}


{#- The first and last instant of time, for open intervals. -#}
{%- macro first_instant() -%} cast('1900-01-01' as timestamp) {%- endmacro -%}

{%- macro last_instant() -%} cast('2200-01-01' as timestamp) {%- endmacro -%}
