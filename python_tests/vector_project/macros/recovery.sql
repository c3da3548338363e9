{%- macro default__recovery() -%}
    case when customer_id in ('E34', 'E39') then 'as_gains' else 'restore' end
{%- endmacro -%}
