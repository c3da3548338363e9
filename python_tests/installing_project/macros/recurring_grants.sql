{%- macro default__recurring_grants() -%}
    case
        when customer_id = 'c_included' then 'included_in_subscription'
        else 'paid_if_priced'
    end
{%- endmacro -%}
