{#-
    What the history of builds needs. It is kept in append-only marts, which a run reads as
    it finds them (earlier_rows) and appends to further right.
-#}

{#- Whether this run adds itself to the history, as SQL: true or false. Books as they were
    known at an earlier time are no build of these. -#}
{%- macro keeps_build_history() -%}
    {%- set value = var("keep_build_history", false) -%}
    {%- if value is not boolean -%}
        {%- do revrec.stop_for_var("keep_build_history", value, "true, false") -%}
    {%- endif -%}
    {{ return("true" if value and revrec.known_as_of() is none else "false") }}
{%- endmacro -%}


{#- A digest of the vars that decide amounts, as the policies do. Those that are part of
    books_id are not among them: other values are other books. -#}
{%- macro settings_digest() -%}
    {{ return(local_md5([
        revrec.default_entity_id(), revrec.fx_max_age_days() | string,
        revrec.books_start() | string,
        revrec.ignore_credit_events(), revrec.stripe_cost_basis_key(),
        revrec.stripe_invoice_key(),
    ] | join("\x1f"))) }}
{%- endmacro -%}


{#- Before a build is added to a table of the history: what runs left there that were killed
    before they wrote their row of fct_builds. -#}
{%- macro remove_uncommitted_builds() -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where build_id not in (
            select builds.build_id
            from (select * from {{ revrec.earlier_rows("fct_builds") }}) as builds
        )
    {%- endif -%}
{%- endmacro -%}
