{#-
    One build at a time per target schema.

    take_build_lock(): takes the lock for this run of dbt, or stops the run with
    a message that names who holds it. release_build_lock(): gives it back.

    On Postgres the lock is the only row of `revrec_build_lock` in the target
    schema. dbt keeps no session open for the whole of a run, so no advisory
    lock could live as long; and a row outlives a build that was killed. So who
    finds a row looks for a session of its holder, which dbt's query comment
    names. A healthy build shows one many times a second; a holder that shows
    none for 10 seconds is dead, and the lock passes on. DECISIONS.md has the
    measurement.

    DuckDB locks the file itself. An engine that does not show its sessions has
    no lock.
-#}
{%- macro take_build_lock() -%}
    {{ return(adapter.dispatch("take_build_lock", "revrec")()) }}
{%- endmacro -%}

{%- macro default__take_build_lock() -%}{%- endmacro -%}

{%- macro postgres__take_build_lock() -%}
    {%- set lock = revrec.build_lock_table() -%}
    {%- set own = run_query(
        "select query, to_regclass('" ~ lock ~ "') is not null as has_table, "
        ~ "to_regnamespace('\"" ~ target.schema ~ "\"') is not null as has_schema "
        ~ "from pg_stat_activity where pid = pg_backend_pid()"
    ).rows[0] -%}
    {%- if not own["has_schema"] -%}
        {%- do adapter.create_schema(lock) -%}
    {%- endif -%}
    {%- if not own["has_table"] -%}
        {#- Two that create one table at once would fail without a clear message. -#}
        {%- do revrec.run_and_commit(
            "select pg_advisory_xact_lock(hashtext('revrec_build_lock'), hashtext('"
            ~ target.schema ~ "')); create table if not exists " ~ lock ~ " ("
            ~ "only_row boolean primary key default true check (only_row), "
            ~ "invocation_id text not null, command text not null, "
            ~ "started_at timestamp with time zone not null, role_name text not null, "
            ~ "application_name text not null, is_named_in_queries boolean not null)"
        ) -%}
    {%- endif -%}
    {#- A comment at the end of a long query is cut off. -#}
    {%- set is_named = own["query"].startswith("/*")
        and invocation_id in own["query"].split("*/")[0] -%}
    {%- for _ in range(10) -%}
        {%- if revrec.insert_build_lock(lock, is_named) -%}
            {{ return("") }}
        {%- endif -%}
        {%- set dead = revrec.dead_holder(lock) -%}
        {%- if dead is not none -%}
            {%- do log(
                "revrec: invocation " ~ dead ~ " holds the build lock of schema "
                ~ target.schema ~ " and no longer runs; this build takes it over.", info=true
            ) -%}
            {%- do revrec.run_and_commit(
                "delete from " ~ lock ~ " where invocation_id = '" ~ dead ~ "'"
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do exceptions.raise_compiler_error(
        "revrec: the build lock of schema '" ~ target.schema ~ "' passes from build to build; "
        ~ "start this one again when fewer of them run."
    ) -%}
{%- endmacro -%}


{#- Whether this run has the lock: true also where it had it before. -#}
{%- macro insert_build_lock(lock, is_named) -%}
    {%- set rows = revrec.run_and_commit(
        "insert into " ~ lock ~ " (invocation_id, command, started_at, role_name, "
        ~ "application_name, is_named_in_queries) "
        ~ "select '" ~ invocation_id ~ "', '" ~ flags.WHICH ~ "', now(), usename, "
        ~ "application_name, " ~ is_named ~ " "
        ~ "from pg_stat_activity where pid = pg_backend_pid() "
        ~ "on conflict do nothing returning invocation_id"
    ) -%}
    {{ return(rows | length == 1) }}
{%- endmacro -%}


{#-
    The invocation that holds the lock and shows no session for 10 seconds; none
    where the lock is free meanwhile. A holder that shows one stops this run.

    A session is the holder's if its query names the holder. Where that cannot
    be told, because the query is hidden from this role or because the holder's
    queries do not name it, any session of its role and program is.
-#}
{%- macro dead_holder(lock) -%}
    {%- set found = namespace(holder=none) -%}
    {%- for _ in range(100) -%}
        {%- set rows = revrec.run_and_commit(
            "select held.invocation_id, held.command, held.role_name, "
            ~ "held.is_named_in_queries, activity.pid, to_char("
            ~ "held.started_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as started_at "
            ~ "from " ~ lock ~ " as held "
            ~ "left join pg_stat_activity as activity "
            ~ "on activity.datname = current_database() "
            ~ "and activity.usename = held.role_name "
            ~ "and activity.pid <> pg_backend_pid() "
            ~ "and (position(held.invocation_id in split_part(activity.query, '*/', 1)) > 0 "
            ~ "or activity.query = '<insufficient privilege>' "
            ~ "or (not held.is_named_in_queries "
            ~ "and activity.application_name = held.application_name)) "
            ~ "order by activity.pid limit 1"
        ) -%}
        {%- if rows | length == 0
            or found.holder not in [none, rows[0]["invocation_id"]] -%}
            {{ return(none) }}
        {%- endif -%}
        {%- if rows[0]["pid"] is not none -%}
            {%- do revrec.stop_for_holder(rows[0]) -%}
        {%- endif -%}
        {%- set found.holder = rows[0]["invocation_id"] -%}
        {%- do revrec.run_and_commit("select pg_sleep(0.1)") -%}
    {%- endfor -%}
    {{ return(found.holder) }}
{%- endmacro -%}


{%- macro stop_for_holder(holder) -%}
    {%- set advice = "" if holder["is_named_in_queries"] else (
        " (Some session of that role: for certainty, let query-comment in dbt_project.yml "
        ~ "name the invocation_id, as README.md says.)"
    ) -%}
    {{ exceptions.raise_compiler_error(
        "revrec: another build writes to schema '" ~ target.schema ~ "': dbt "
        ~ holder["command"] ~ " since " ~ holder["started_at"] ~ " UTC, pid " ~ holder["pid"]
        ~ " of role " ~ holder["role_name"] ~ ", invocation " ~ holder["invocation_id"]
        ~ ". Start this one again when it has ended. If it was killed, its last query still "
        ~ "runs: wait for it, or end it with select pg_terminate_backend(" ~ holder["pid"]
        ~ ")." ~ advice
    ) }}
{%- endmacro -%}


{%- macro release_build_lock() -%}
    {{ return(adapter.dispatch("release_build_lock", "revrec")()) }}
{%- endmacro -%}

{%- macro default__release_build_lock() -%}{%- endmacro -%}

{%- macro postgres__release_build_lock() -%}
    {%- set rows = revrec.run_and_commit(
        "delete from " ~ revrec.build_lock_table()
        ~ " where invocation_id = '" ~ invocation_id ~ "' returning invocation_id"
    ) -%}
    {%- if rows | length == 0 -%}
        {{ exceptions.raise_compiler_error(
            "revrec: another build took over schema '" ~ target.schema ~ "' while this one "
            ~ "stood still; what they wrote may be mixed. Build again."
        ) }}
    {%- endif -%}
{%- endmacro -%}


{%- macro build_lock_table() -%}
    {{ return(api.Relation.create(
        database=target.database, schema=target.schema, identifier="revrec_build_lock"
    )) }}
{%- endmacro -%}


{#- The rows of a query in a transaction of its own, for others to see it done. -#}
{%- macro run_and_commit(sql) -%}
    {%- set rows = run_query(sql) -%}
    {%- do run_query("commit") -%}
    {{ return(rows) }}
{%- endmacro -%}
