{#- A customer who pays through a market place; the others as revrec has it. -#}
{%- macro default__grant_debit_account() -%}
    case
        when customer_id = 'c_market_place' then 'external_asset'
        else {{ revrec.default__grant_debit_account() }}
    end
{%- endmacro -%}
