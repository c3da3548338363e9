{#-
    What the layer of sealed periods needs: the only place with memory. What earlier
    runs left in an append-only table is read through earlier_rows, for a model that
    this run appends to later cannot be a ref of the models before it.
-#}

{#- What this run finds in an append-only mart: its relation, or in the first run a select
    of no rows with the columns of its contract. Arguments: the name of the model. -#}
{%- macro earlier_rows(model) -%}
    {%- if not execute -%}
        {{ return("(select 1)") }}
    {%- endif -%}
    {%- set node = graph.nodes["model.revrec." ~ model] -%}
    {%- set relation = adapter.get_relation(node.database, node.schema, node.alias) -%}
    {%- if relation is not none -%}
        {{ return(relation) }}
    {%- endif -%}
    {%- set fields = [] -%}
    {%- for column in node.columns.values() -%}
        {%- do fields.append("cast(null as " ~ column.data_type ~ ") as " ~ column.name) -%}
    {%- endfor -%}
    {{ return("(select " ~ fields | join(", ") ~ " where 1 = 0) as " ~ model) }}
{%- endmacro -%}


{#- Whose books these are, a hash: the sample company's or those of the enabled sources in
    their schemas, by calendar, time zone and functional currency. Seals of other books
    play no part. -#}
{%- macro books_id() -%}
    {%- set facts = [
        "sample" if revrec.uses_sample_data() else "own",
        revrec.calendar_name(), revrec.accounting_timezone(),
        revrec.functional_currency() | string,
        "" if revrec.calendar_name() == "monthly" else revrec.fiscal_year_start(),
    ] -%}
    {#- What is named as it would be by default is the same; a file may have another name. -#}
    {%- for name in revrec.enabled_sources() | sort -%}
        {%- set database = revrec.name_var(name ~ "_database") -%}
        {%- do facts.extend([
            name, "" if database in [none, target.database] else database,
            revrec.name_var(name ~ "_schema") or name,
        ]) -%}
    {%- endfor -%}
    {{ return(local_md5(facts | join("\x1f"))) }}
{%- endmacro -%}


{#- When the run began, as SQL: a UTC timestamp. Only what is sealed may depend on it. -#}
{%- macro run_start() -%}
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}' as timestamp)
{%- endmacro -%}


{#- What a build does with sealed periods that it derives otherwise: `error` stops it,
    `correct` keeps what was sealed and posts the difference to the first period that is
    not sealed. -#}
{%- macro on_seal_break() -%}
    {%- set value = var("on_seal_break", "error") -%}
    {%- if value not in ["error", "correct"] -%}
        {%- do revrec.stop_for_var("on_seal_break", value, "error, correct") -%}
    {%- endif -%}
    {{ return(value) }}
{%- endmacro -%}


{#- The columns of fct_journal_entries, in their order. Arguments: relation, the alias in
    front of each. -#}
{%- macro journal_columns(relation) -%}
    {%- for column in [
        "journal_entry_id", "entity_id", "source_system", "obligation_type", "obligation_id",
        "customer_id", "product_id", "event_type", "booked_date", "entry_date",
        "effective_period", "accounting_period", "is_correction", "debit_account",
        "credit_account", "amount_minor", "amount", "currency", "functional_amount_minor",
        "functional_amount", "functional_currency", "quantity", "source_entry_count", "policy",
        "invoice_id",
    ] %}
    {{ relation }}.{{ column }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro -%}


{#- A digest of all that a journal entry says, the same text on every engine. Amounts in
    major units follow from those in minor units. Arguments: relation, its alias. -#}
{%- macro entry_digest(relation) -%}
    {%- set fields = [] -%}
    {%- for column in [
        "journal_entry_id", "entity_id", "source_system", "obligation_type", "obligation_id",
        "customer_id", "product_id", "event_type", "booked_date", "entry_date",
        "effective_period", "accounting_period", "debit_account", "credit_account",
        "amount_minor", "currency", "functional_amount_minor", "functional_currency",
        "source_entry_count", "policy", "invoice_id",
    ] -%}
        {%- do fields.append(relation ~ "." ~ column) -%}
    {%- endfor -%}
    {%- do fields.append(revrec.nano_units(relation ~ ".quantity")) -%}
    {{ revrec.key_hash(fields) }}
{%- endmacro -%}


{#- A digest of a closing balance; null where it is zero, for accounts that have none yet
    are listed once they have an entry in a later period. Arguments: relation, the alias of
    account balances. -#}
{%- macro balance_digest(relation) -%}
    case
        when
            {{ relation }}.closing_minor <> 0
            or coalesce({{ relation }}.functional_closing_minor, 0) <> 0
            then {{ revrec.key_hash([
                relation ~ ".entity_id", relation ~ ".currency", relation ~ ".account",
                relation ~ ".closing_minor", relation ~ ".functional_closing_minor",
            ]) }}
    end
{%- endmacro -%}


{#- What sums of differences are kept apart by: whose books, which obligation and what names
    its cohort or customer, the period in which it happened, and the two accounts, whichever
    of them is debited. Arguments: relation, the alias of journal entries. -#}
{%- macro seal_difference_key(relation) -%}
    {%- set fields = [] -%}
    {%- for column in [
        "entity_id", "source_system", "obligation_type", "obligation_id", "customer_id",
        "product_id", "invoice_id", "booked_date", "effective_period", "currency",
    ] -%}
        {%- do fields.append(relation ~ "." ~ column) -%}
    {%- endfor -%}
    {#- In the order of their hashes, for engines sort text otherwise. -#}
    {%- for side in ["least", "greatest"] -%}
        {%- do fields.append(
            side ~ "(md5(" ~ relation ~ ".debit_account), md5(" ~ relation ~ ".credit_account))"
        ) -%}
    {%- endfor -%}
    {{ revrec.key_hash(fields) }}
{%- endmacro -%}


{#- The id of a correcting entry: it knows the entries that it answers, so that the same
    difference of other entries is another. Arguments: relation, the alias of what has its
    difference_key, accounting_period and debit_account; books_digest, that of the entries. -#}
{%- macro seal_correction_key(relation, books_digest) -%}
    {{ revrec.key_hash([
        "'seal_correction'", relation ~ ".difference_key", relation ~ ".accounting_period",
        relation ~ ".debit_account", books_digest,
    ]) }}
{%- endmacro -%}


{#- One digest of many, whatever their order: their count and the sums of both halves.
    An aggregate; of no rows it is that of nothing. Arguments: a column of digests, null
    for what does not count. -#}
{%- macro digest_of_all(digest) -%}
    md5(concat_ws(
        ' ',
        cast(count({{ digest }}) as varchar),
        cast(coalesce(sum({{ revrec.hash_number(digest, 1) }}), 0) as varchar),
        cast(coalesce(sum({{ revrec.hash_number(digest, 17) }}), 0) as varchar)
    ))
{%- endmacro -%}


{#- The policies, by the names of their macros. -#}
{%- macro policy_names() -%}
    {{ return([
        "allocation", "bonus_credits", "breakage_cohorts", "breakage_constraint",
        "breakage_haircut", "breakage_timing", "burn_order", "catch_up", "commitment_shortfall",
        "credit_kind", "entity_of", "goodwill_recognition", "grant_debit_account",
        "jurisdiction_of", "overdraft_recognition", "paid_credits_without_cost",
        "promotional_presentation", "recovery", "recurring_grants", "remote_after_days",
        "reversal_timing", "revocation", "right_to_invoice_limits", "schedule_granularity",
        "schedule_rounding",
        "usage_accrual_reversal", "usage_recognition",
    ]) }}
{%- endmacro -%}


{#- A digest of what every policy says, as SQL text: an override by an installing project
    changes it, its layout does not. -#}
{%- macro policy_digest() -%}
    {%- set said = [] -%}
    {%- for name in revrec.policy_names() -%}
        {%- do said.append(name ~ "=" ~ revrec[name]().split() | join(" ")) -%}
    {%- endfor -%}
    {{ return(local_md5(said | join("\x1f"))) }}
{%- endmacro -%}


{#- The version in dbt_project.yml; a test holds the two together. -#}
{%- macro project_version() -%}
    {{ return("0.1.0") }}
{%- endmacro -%}


{#- The body of a CTE: the seals that are to be written and are not. A run of a part of the
    models finds what an earlier one was to write, and writes nothing twice. -#}
{%- macro unwritten_seals() -%}
    select to_write.*
    from {{ ref('int_seals_to_write') }} as to_write
    left join (select seal_id from {{ revrec.earlier_rows('fct_period_seals') }}) as written
        on to_write.seal_id = written.seal_id
    where written.seal_id is null
{%- endmacro -%}


{#- Before entries are sealed: what a run that was killed left. Entries count only where
    fct_period_seals has their seal. -#}
{%- macro remove_unsealed_entries() -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where seal_id not in (
            select seal_id from {{ revrec.earlier_rows("fct_period_seals") }}
        )
    {%- endif -%}
{%- endmacro -%}


{#-
    Operation: takes the newest seal of a period out of force, where the close was right and
    the seal a mistake. The next build derives the period and, once it is ready, seals it
    again. Who and why are appended to fct_seal_retirements. A later period's balances rest
    on it, so its seal is retired first.

        dbt run-operation retire_seal --args
            "{accounting_period: 2026-01, retired_by: ann, reason: closed by mistake}"

    Arguments: accounting_period, retired_by, reason: text.
    Errors: a text that is empty, too long, or has control characters or a backslash; a
    period without a seal in force, or with a later one that is; a warehouse that was never
    built.
-#}
{%- macro retire_seal(accounting_period, retired_by, reason) -%}
    {%- set texts = {
        "accounting_period": [accounting_period, 20], "retired_by": [retired_by, 100],
        "reason": [reason, 500],
    } -%}
    {%- set quoted = {} -%}
    {%- for name, (value, longest) in texts.items() -%}
        {%- if value is not string or not 1 <= value | trim | length <= longest
            or modules.re.search("[\x00-\x1f\x7f\\\\]", value) -%}
            {{ exceptions.raise_compiler_error(
                "revrec: " ~ name ~ " of retire_seal is a text of 1 to " ~ longest
                ~ " characters, without a backslash."
            ) }}
        {%- endif -%}
        {%- do quoted.update({name: "'" ~ value | trim | replace("'", "''") ~ "'"}) -%}
    {%- endfor -%}
    {%- set seals = revrec.earlier_rows("fct_period_seals") -%}
    {%- set retirements = revrec.earlier_rows("fct_seal_retirements") -%}
    {%- set found = run_query(
        "select seals.seal_id, seals.seal_version from (select * from " ~ seals
        ~ ") as seals where books_id = '" ~ revrec.books_id() ~ "' and accounting_period = "
        ~ quoted.accounting_period ~ " and seal_version = (select max(newest.seal_version)"
        ~ " from (select * from " ~ seals ~ ") as newest where newest.books_id = seals.books_id"
        ~ " and newest.accounting_period = seals.accounting_period) and seal_id not in"
        ~ " (select retired.seal_id from (select * from " ~ retirements ~ ") as retired)"
    ) -%}
    {%- if found.rows | length == 0 -%}
        {{ exceptions.raise_compiler_error(
            "revrec: " ~ accounting_period ~ " has no seal in force in these books."
        ) }}
    {%- endif -%}
    {%- set later = run_query(
        "select min(accounting_period) as period from (select * from " ~ seals ~ ") as seals"
        ~ " where books_id = '" ~ revrec.books_id() ~ "' and entity_id is null"
        ~ " and accounting_period > " ~ quoted.accounting_period ~ " and seal_id not in"
        ~ " (select retired.seal_id from (select * from " ~ retirements ~ ") as retired)"
        ~ " and not exists (select 1 from " ~ ref("int_close_spans") ~ " as spans"
        ~ " where spans.accounting_period = seals.accounting_period"
        ~ " and spans.reopened_at > seals.closed_at)"
    ).rows[0]["period"] -%}
    {%- if later is not none -%}
        {{ exceptions.raise_compiler_error(
            "revrec: " ~ later ~ " is sealed and rests on " ~ accounting_period
            ~ ": retire the newest seal first, and then those before it."
        ) }}
    {%- endif -%}
    {%- set rows = [] -%}
    {%- for row in found.rows -%}
        {%- do rows.append(
            "('" ~ row["seal_id"] ~ "', " ~ quoted.accounting_period ~ ", "
            ~ row["seal_version"] ~ ", " ~ revrec.run_start() ~ ", " ~ quoted.retired_by ~ ", "
            ~ quoted.reason ~ ")"
        ) -%}
    {%- endfor -%}
    {%- call statement("retire_seal", auto_begin=true) -%}
        insert into {{ retirements }}
        (seal_id, accounting_period, seal_version, retired_at, retired_by, reason)
        values {{ rows | join(", ") }}
    {%- endcall -%}
    {#- An operation that ends leaves its transaction to be rolled back. -#}
    {%- do run_query("commit") -%}
    {%- do log(
        "revrec: the seal of " ~ accounting_period ~ " (version " ~ found.rows[0]["seal_version"]
        ~ ") is retired by " ~ retired_by | trim ~ ". Once it is ready, a build seals it again.",
        info=true
    ) -%}
{%- endmacro -%}
