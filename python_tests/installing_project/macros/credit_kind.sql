{#- Deposits are issued by hand here, and somebody mistyped a kind. -#}
{%- macro default__credit_kind() -%}
    case plan_code
        when 'deposit' then 'prepayment'
        when 'mistyped' then 'good_will'
        else {{ revrec.default__credit_kind() }}
    end
{%- endmacro -%}
