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


{#- The instant as of which the books are rebuilt, in UTC as YYYY-MM-DD HH:MM:SS.ffffff,
    or none: the books of today. -#}
{%- macro known_as_of() -%}
    {%- set value = var("known_as_of", none) -%}
    {%- if value is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set allowed =
        "a time in UTC (YYYY-MM-DD HH:MM:SS, or ISO 8601 with T and Z, 2000 to 2059)" -%}
    {#- YAML reads an unquoted time as a time: its text is one of these, too. -#}
    {%- set parts = modules.re.fullmatch(
        "([0-9-]{10})[ T](([01][0-9]|2[0-3]):[0-5][0-9])"
        ~ "(:[0-5][0-9])?([.][0-9]{1,6})?(Z|[+]00:00)?",
        value | string
    ) -%}
    {%- if not parts or (parts[5] and not parts[4]) or not revrec.is_iso_date(parts[1]) -%}
        {%- do revrec.stop_for_var("known_as_of", value, allowed) -%}
    {%- endif -%}
    {%- set microseconds = (parts[5] or ".").ljust(7, "0") -%}
    {{ return(parts[1] ~ " " ~ parts[2] ~ (parts[4] or ":00") ~ microseconds) }}
{%- endmacro -%}


{#- Whether the books are those of another instant than today, as SQL: true or false. What a
    source says of today, as its own balances, is then no measure of them. -#}
{%- macro rebuilds_the_past() -%}
    {{ return("false" if revrec.known_as_of() is none else "true") }}
{%- endmacro -%}


{#- The accounting date of var('known_as_of'), as YYYY-MM-DD. -#}
{%- macro known_as_of_date() -%}
    {%- set known_as_of = modules.datetime.datetime.strptime(
        revrec.known_as_of(), "%Y-%m-%d %H:%M:%S.%f"
    ) -%}
    {%- set zone = modules.pytz.timezone(revrec.accounting_timezone()) -%}
    {%- set day = modules.pytz.utc.localize(known_as_of).astimezone(zone).strftime("%Y-%m-%d") -%}
    {%- set weeks = revrec.calendar_name() != "monthly" -%}
    {%- if not ("2002" if weeks else "2000") <= day[:4] <= ("2057" if weeks else "2059") -%}
        {%- do revrec.stop_for_var("known_as_of", var("known_as_of"),
            "without as_of_date a time from 2000 to 2059, with a week calendar from 2002 to 2057"
        ) -%}
    {%- endif -%}
    {{ return(day) }}
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
    {%- elif revrec.known_as_of() is not none -%}
        {{ return(revrec.known_as_of_date()) }}
    {%- elif revrec.uses_sample_data() -%}
        {#- The last day of the sample company's exports. -#}
        {{ return("2026-06-30") }}
    {%- endif -%}
    {%- set zone = modules.pytz.timezone(revrec.accounting_timezone()) -%}
    {{ return(run_started_at.astimezone(zone).strftime("%Y-%m-%d")) }}
{%- endmacro -%}


{%- macro iso_date(name, value, allowed) -%}
    {%- if not revrec.is_iso_date(value) -%}
        {%- do revrec.stop_for_var(name, value, allowed) -%}
    {%- endif -%}
    {{ return(value) }}
{%- endmacro -%}

{%- macro is_iso_date(value) -%}
    {%- if not modules.re.fullmatch("20[0-5][0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", value) -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set year, month, day = value[:4] | int, value[5:7] | int, value[8:] | int -%}
    {%- set leap = year % 4 == 0 -%}
    {%- set days = [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] -%}
    {{ return(day <= days[month - 1]) }}
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


{#- The first day of these books, as YYYY-MM-DD, or none: they begin with the first
    fact. That a period of the calendar begins on it is a test. -#}
{%- macro books_start() -%}
    {%- set value = var("books_start", none) -%}
    {%- if value is none or value == "none" -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set allowed = "none or the first day (YYYY-MM-DD, 2002 to 2057) of an accounting period" -%}
    {%- set day = revrec.iso_date("books_start", value | string, allowed) -%}
    {%- if not "2002" <= day[:4] <= "2057" -%}
        {%- do revrec.stop_for_var("books_start", day, allowed) -%}
    {%- elif day > revrec.as_of_date() -%}
        {%- do revrec.stop_for_var("books_start", day,
            "a day on or before as_of_date, " ~ revrec.as_of_date()) -%}
    {%- endif -%}
    {{ return(day) }}
{%- endmacro -%}


{#- The same as a date in SQL. Without a start it is null, so that no period begins
    on it. -#}
{%- macro books_start_value() -%}
    {%- set value = revrec.books_start() -%}
    cast({{ "null" if value is none else "'" ~ value ~ "'" }} as date)
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
    {%- do revrec.known_as_of() -%}
    {%- do revrec.as_of_date() -%}
    {%- do revrec.books_start() -%}
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
