{#-
    Question: when is the value of credits revenue that nobody will use?
    Options:
      'at_expiry'     when they expire: Dr deferred_revenue, Cr breakage_revenue
      'remote'        once it has become remote that they are used (policy
                      remote_after_days, or a row of the seed remote_credits)
      'proportional'  as the others are used, by the estimate that the seed
                      breakage_estimates has for the grant's cohort; without one
                      nothing before expiry, and exception missing_breakage_estimate
    Default: 'at_expiry'. (The sample company shows all three.)
    Rests on: ASC 606-10-55-46 to 55-48 / IFRS 15.B44 to B46. Who expects to keep
    the breakage has no choice: it is proportional; 'at_expiry' until a history
    supports an estimate (rpt_breakage_experience).
    Proof: python_tests/test_breakage_parity.py

    Columns you may use: those of int_credit_grants before the policies.
-#}
{%- macro breakage_timing() -%}
    {{ return(adapter.dispatch("breakage_timing", "revrec")()) }}
{%- endmacro -%}

{%- macro default__breakage_timing() -%}
    {%- if revrec.uses_sample_data() -%}
        case product_id
            when 'api-credits' then 'proportional'
            when 'credit_at_0.5_EUR' then 'remote'
            else 'at_expiry'
        end
    {%- else -%}
        'at_expiry'
    {%- endif -%}
{%- endmacro -%}
