{#-
    Question: when is service revenue that was earned before its line was booked?
    Options:
      'in_booked_period'     all of it when the line is booked
      'own_period_unbilled'  in the periods of the service, Dr
                             unbilled_receivable until the line is booked
      'own_period_deferred'  in the periods of the service, Dr deferred_revenue,
                             which is negative until the line is booked
    Default: 'in_booked_period'; for NetSuite 'own_period_deferred', as its
    schedules run from the dates of the line whatever the invoice's date is.
    Rests on: ASC 606-10-45-3 / IFRS 15.107 (service before the invoice is a
    contract asset), 606-10-25-1 / 15.9 (no revenue without a contract).
    Proof: python_tests/test_rules.py::test_policies_by_customer

    Columns you may use: those of int_service_lines.
-#}
{%- macro catch_up() -%}
    {{ return(adapter.dispatch("catch_up", "revrec")()) }}
{%- endmacro -%}

{%- macro default__catch_up() -%}
    case
        when source_system = 'netsuite' then 'own_period_deferred'
        else 'in_booked_period'
    end
{%- endmacro -%}
