{#-
    What a movement of a grant says of its holder's activity, in units: above zero what gives
    units (a purchase, an adjustment upwards, a use that is taken back), below zero what uses
    them, zero what is none of both (an expiry, a revocation, an adjustment downwards).

    Arguments: movements, the alias of int_credit_grant_movements; events, that of
    int_credit_event_names, joined by event_rank.
-#}
{%- macro given_units(movements, events) -%}
    case
        when {{ events }}.release_sign = 0 then greatest({{ movements }}.units, 0)
        when {{ events }}.tie_out in ('T1_consumption', 'T4_applied')
            then -{{ events }}.release_sign * {{ movements }}.units
        else 0
    end
{%- endmacro -%}
