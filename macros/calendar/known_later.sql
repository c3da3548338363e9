{#-
    The first instant at which nothing is known any more: the one after var('known_as_of'),
    and the last instant of time without it. What is known by then has a close interval.
-#}
{%- macro known_until() -%}
    {%- set known_as_of = revrec.known_as_of() -%}
    {%- if known_as_of is none -%}
        {{ revrec.last_instant() }}
    {%- else -%}
        {%- set instant = modules.datetime.datetime.strptime(
            known_as_of, "%Y-%m-%d %H:%M:%S.%f"
        ) -%}
        cast('{{ instant + modules.datetime.timedelta(microseconds=1) }}' as timestamp)
    {%- endif -%}
{%- endmacro -%}


{#-
    Whether a fact became known after var('known_as_of'): false for all without it, and for a
    time that is null or outside the range of times that revrec knows.

    Arguments: known_at (an expression).
-#}
{%- macro is_known_later(known_at) -%}
    coalesce(
        {{ known_at }} >= {{ revrec.known_until() }}
        and {{ known_at }} < {{ revrec.last_instant() }}, false
    )
{%- endmacro -%}
