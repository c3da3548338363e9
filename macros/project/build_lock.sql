{#- Called on-run-start and on-run-end: a command that writes holds the lock of
    its target schema in between. dbt test and dbt source freshness only read.
    The lock is released after a build with failures, too. -#}
{%- macro lock_build() -%}
    {%- if execute and flags.WHICH not in ["test", "freshness"] -%}
        {%- do revrec.take_build_lock() -%}
    {%- endif -%}
{%- endmacro -%}

{%- macro unlock_build() -%}
    {%- if execute and flags.WHICH not in ["test", "freshness"] -%}
        {%- do revrec.release_build_lock() -%}
    {%- endif -%}
{%- endmacro -%}
