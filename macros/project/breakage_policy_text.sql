{#-
    The policies that decided an entry of breakage, as its column `policy` names them.

    Arguments: grants, the alias of a relation with breakage_policy and constraint_policy.
-#}
{%- macro breakage_policy_text(grants) -%}
    'breakage_timing: ' || {{ grants }}.breakage_policy
    || case {{ grants }}.breakage_policy
        when 'proportional' then ', breakage_constraint: ' || {{ grants }}.constraint_policy
        else ''
    end
{%- endmacro -%}
