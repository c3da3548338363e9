{#-
    Every var of the project is read through one of these macros, never raw:
    they validate the value, so that a typing error stops the run with a
    message and no text of a var can reach the SQL unchecked.
-#}

{%- macro stop_for_var(name, value, allowed) -%}
    {{ exceptions.raise_compiler_error(
        "revrec: var '" ~ name ~ "' is '" ~ value ~ "'; allowed: " ~ allowed ~ "."
    ) }}
{%- endmacro -%}


{#- The rooms under models/staging and the canonical shapes each fills. A new
    billing system is a new line here (and a room). -#}
{%- macro source_registry() -%}
    {%- set credits = ["credit_grants", "credit_entries"] -%}
    {{ return({
        "stigg": credits + ["row_counts"],
        "stripe": credits + [
            "service_lines", "invoices", "line_events", "line_event_splits", "settlements",
            "customer_balances", "reference_rows", "row_counts",
        ],
        "netsuite": ["service_lines", "invoices", "reference_rows", "row_counts"],
        "recurly": credits + [
            "service_lines", "invoices", "line_events", "line_event_splits", "settlements",
            "reference_rows", "row_counts",
        ],
        "metering": [
            "usage_events", "rate_schedules", "rate_tiers", "usage_subscriptions",
            "usage_invoices", "reference_rows", "row_counts",
        ],
        "lago": credits + ["credit_pool_balances", "reference_rows", "row_counts"],
        "generic": credits + [
            "service_lines", "invoices", "line_events", "line_event_splits", "settlements",
            "fulfilments", "customer_balances", "reference_rows", "row_counts",
        ],
    }) }}
{%- endmacro -%}


{%- macro enabled_sources() -%}
    {%- set known = revrec.source_registry().keys() | list -%}
    {%- set names = var("sources", known) -%}
    {%- if names is string or names is not iterable or names | length == 0 -%}
        {%- do revrec.stop_for_var("sources", names, "a list of " ~ known | join(", ")) -%}
    {%- endif -%}
    {%- for name in names if name not in known -%}
        {%- do revrec.stop_for_var("sources", name, "a list of " ~ known | join(", ")) -%}
    {%- endfor -%}
    {{ return(names | unique | list) }}
{%- endmacro -%}


{%- macro uses_sample_data() -%}
    {%- set value = var("sample_data", true) -%}
    {%- if value is not boolean -%}
        {%- do revrec.stop_for_var("sample_data", value, "true, false") -%}
    {%- endif -%}
    {{ return(value) }}
{%- endmacro -%}


{#- The IANA zone in which accounting days begin and end. -#}
{%- macro accounting_timezone() -%}
    {%- set zone = var("accounting_timezone", "UTC") | string -%}
    {%- if zone not in modules.pytz.all_timezones -%}
        {%- do revrec.stop_for_var("accounting_timezone", zone,
            "an IANA time zone such as UTC or Europe/Berlin") -%}
    {%- endif -%}
    {{ return(zone) }}
{%- endmacro -%}


{%- macro calendar_name() -%}
    {%- set name = var("calendar", "monthly") | string -%}
    {%- set allowed = ["monthly", "4-4-5", "4-5-4", "5-4-4"] -%}
    {%- if name not in allowed -%}
        {%- do revrec.stop_for_var("calendar", name, allowed | join(", ")) -%}
    {%- endif -%}
    {{ return(name) }}
{%- endmacro -%}


{#- A month number for the monthly calendar, an ISO date for week calendars. -#}
{%- macro fiscal_year_start() -%}
    {%- set value = var("fiscal_year_start", 1) | string -%}
    {%- if revrec.calendar_name() == "monthly" -%}
        {%- if value not in ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"] -%}
            {%- do revrec.stop_for_var("fiscal_year_start", value,
                "a month, 1 to 12, with calendar monthly") -%}
        {%- endif -%}
        {{ return(value | int) }}
    {%- endif -%}
    {{ return(revrec.iso_date("fiscal_year_start", value,
        "with week calendars the first day (YYYY-MM-DD, 2000 to 2059) of one fiscal year")) }}
{%- endmacro -%}


{#- The last effective day that counts, as YYYY-MM-DD. -#}
{%- macro as_of_date() -%}
    {%- if var("as_of_date", none) is not none -%}
        {%- set day = revrec.iso_date("as_of_date", var("as_of_date") | string,
            "a date (YYYY-MM-DD, 2000 to 2059)") -%}
        {#- The week calendars hold whole fiscal years only. -#}
        {%- if revrec.calendar_name() != "monthly" and not "2002" <= day[:4] <= "2057" -%}
            {%- do revrec.stop_for_var("as_of_date", day,
                "a date from 2002 to 2057 with a week calendar") -%}
        {%- endif -%}
        {{ return(day) }}
    {%- elif revrec.uses_sample_data() -%}
        {#- The last day of the sample company's exports. -#}
        {{ return("2026-06-30") }}
    {%- endif -%}
    {%- set zone = modules.pytz.timezone(revrec.accounting_timezone()) -%}
    {{ return(run_started_at.astimezone(zone).strftime("%Y-%m-%d")) }}
{%- endmacro -%}


{%- macro iso_date(name, value, allowed) -%}
    {%- if not modules.re.fullmatch("20[0-5][0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", value) -%}
        {%- do revrec.stop_for_var(name, value, allowed) -%}
    {%- endif -%}
    {%- set year, month, day = value[:4] | int, value[5:7] | int, value[8:] | int -%}
    {%- set leap = year % 4 == 0 -%}
    {%- set days = [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] -%}
    {%- if day > days[month - 1] -%}
        {%- do revrec.stop_for_var(name, value, allowed) -%}
    {%- endif -%}
    {{ return(value) }}
{%- endmacro -%}


{%- macro default_entity_id() -%}
    {%- set value = var("entity_id", "default") -%}
    {#- YAML reads `entity_id: 100` as a number: that is a name too. -#}
    {%- set name = value | string if value is integer else value -%}
    {%- if name is not string or not modules.re.fullmatch("[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}", name) -%}
        {%- do revrec.stop_for_var("entity_id", value,
            "1 to 64 letters, digits and _ . : - that begin with a letter or digit") -%}
    {%- endif -%}
    {{ return(name) }}
{%- endmacro -%}


{#- A schema or database name, or none where the var is not set. -#}
{%- macro name_var(name) -%}
    {%- set value = var(name, none) -%}
    {%- if value is not none and (
        value is not string
        or not modules.re.fullmatch("[A-Za-z_][A-Za-z0-9_$-]{0,127}", value)
    ) -%}
        {%- do revrec.stop_for_var(name, value,
            "a name of letters, digits, _ $ - that begins with a letter or _") -%}
    {%- endif -%}
    {{ return(value) }}
{%- endmacro -%}


{#- The currency into which the books are translated, or none: books in each
    transaction currency. That it has an exponent is a test. -#}
{%- macro functional_currency() -%}
    {%- set value = var("functional_currency", none) -%}
    {%- if value is none or value == "none" -%}
        {{ return(none) }}
    {%- elif value is not string or not modules.re.fullmatch("[A-Z]{3}", value) -%}
        {%- do revrec.stop_for_var("functional_currency", value,
            "none or an ISO 4217 code in capital letters such as USD") -%}
    {%- endif -%}
    {{ return(value) }}
{%- endmacro -%}


{#- The same as SQL. Without a functional currency it is null, so that
    `currency <> <this>` is false for every row and engines read none. -#}
{%- macro functional_currency_value() -%}
    {%- set value = revrec.functional_currency() -%}
    cast({{ "null" if value is none else "'" ~ value ~ "'" }} as varchar)
{%- endmacro -%}


{#- The oldest exchange rate, in days, that may translate an entry. -#}
{%- macro fx_max_age_days() -%}
    {%- set age = var("fx_max_age_days", 31) | string -%}
    {%- if not modules.re.fullmatch("[0-9]{1,4}", age) -%}
        {%- do revrec.stop_for_var("fx_max_age_days", age, "a number of days, 0 to 9999") -%}
    {%- endif -%}
    {{ return(age | int) }}
{%- endmacro -%}


{#- Whether credit events of billing systems stay out of the books, as SQL: true or
    false. It changes what becomes of rows, never the shape of a query. -#}
{%- macro ignore_credit_events() -%}
    {%- set value = var("ignore_credit_events", false) -%}
    {%- if value is not boolean -%}
        {%- do revrec.stop_for_var("ignore_credit_events", value, "true, false") -%}
    {%- endif -%}
    {{ return(value | string | lower) }}
{%- endmacro -%}


{#- The key of a grant's metadata at Stripe that says what was paid for it, and
    the one that names the invoice that sold it, as SQL strings. -#}
{%- macro stripe_cost_basis_key() -%}
    {{ return(revrec.metadata_key_var("stripe_cost_basis_key", "cost_basis")) }}
{%- endmacro -%}

{%- macro stripe_invoice_key() -%}
    {%- set key = revrec.metadata_key_var("stripe_invoice_key", "invoice_id") -%}
    {%- if key == revrec.stripe_cost_basis_key() -%}
        {%- do revrec.stop_for_var("stripe_invoice_key", var("stripe_invoice_key", "invoice_id"),
            "another key than that of stripe_cost_basis_key") -%}
    {%- endif -%}
    {{ return(key) }}
{%- endmacro -%}

{%- macro metadata_key_var(name, default) -%}
    {%- set value = var(name, default) -%}
    {%- if value is not string or not modules.re.fullmatch("[A-Za-z0-9_.-]{1,40}", value) -%}
        {%- do revrec.stop_for_var(name, value, "1 to 40 letters, digits and _ . -") -%}
    {%- endif -%}
    {{ return("'" ~ value ~ "'") }}
{%- endmacro -%}


{#- Called on-run-start: every var is read once, so that an impossible one
    stops the run before the first query. -#}
{%- macro check_vars() -%}
    {%- do revrec.enabled_sources() -%}
    {%- do revrec.uses_sample_data() -%}
    {%- do revrec.accounting_timezone() -%}
    {%- do revrec.fiscal_year_start() -%}
    {%- do revrec.as_of_date() -%}
    {%- do revrec.default_entity_id() -%}
    {%- do revrec.name_var("finance_schema") -%}
    {%- for name in revrec.source_registry() -%}
        {%- do revrec.name_var(name ~ "_schema") -%}
        {%- do revrec.name_var(name ~ "_database") -%}
    {%- endfor -%}
    {%- do revrec.functional_currency() -%}
    {%- do revrec.fx_max_age_days() -%}
    {%- do revrec.ignore_credit_events() -%}
    {%- do revrec.stripe_cost_basis_key() -%}
    {%- do revrec.stripe_invoice_key() -%}
    {%- do revrec.on_seal_break() -%}
    {%- do revrec.keeps_build_history() -%}
{%- endmacro -%}
