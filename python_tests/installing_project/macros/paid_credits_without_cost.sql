{%- macro default__paid_credits_without_cost() -%}
    case when customer_id = 'cus_face' then 'face_value' else 'exception' end
{%- endmacro -%}
