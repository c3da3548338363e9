{#-
    Every row of a raw table with what its id says of it: the body of a CTE.

    Added columns: row_key (the id, null where there is none), version_at,
    row_hash (only where the id is repeated), source_key (the id, or a hash of
    the row), copy_number (1 is the copy that counts) and copy_reason, null or
    missing_id; of rows with one id, superseded_version for all but the newest
    version, and of that version duplicate_conflict for all where they differ,
    else duplicate for all but one.

    Repeated ids are few: they are found by grouping a number, and only they
    are compared and sorted. A version time that cannot be read may be the
    newest, so it counts as that.

    Arguments: relation (a CTE), id and version (SQL expressions; no version:
    all rows are of one), fields (the columns that are compared).
-#}
{%- macro mark_copies(relation, id, fields, version=none) -%}
    with

    keyed as (

        select
            *,
            {{ revrec.text_value(id) }} as row_key,
            {% if version is none -%}
            cast(null as timestamp) as version_at
            {%- else -%}
            coalesce(
                {{ revrec.parse_timestamp(version) }},
                case
                    when trim(cast({{ version }} as varchar)) <> ''
                        then cast('9999-12-31' as timestamp)
                end
            ) as version_at
            {%- endif %}
        from {{ relation }}

    ),

    repeated_hashes as (

        select {{ revrec.short_hash('row_key') }} as id_hash
        from keyed
        where row_key is not null
        group by id_hash
        having count(*) > 1

    ),

    repeated as (

        select
            *,
            {{ revrec.key_hash(fields) }} as row_hash
        from keyed
        where {{ revrec.short_hash('row_key') }} in (select id_hash from repeated_hashes)

    )

    select
        *,
        cast(null as varchar) as row_hash,
        coalesce(row_key, 'row:' || {{ revrec.key_hash(fields) }}) as source_key,
        cast(1 as integer) as copy_number,
        case when row_key is null then 'missing_id' end as copy_reason
    from keyed
    where
        row_key is null
        or {{ revrec.short_hash('row_key') }} not in (select id_hash from repeated_hashes)

    union all

    select
        *,
        row_key as source_key,
        cast(row_number() over (
            partition by row_key order by version_at desc nulls last, row_hash
        ) as integer) as copy_number,
        case
            when
                rank() over (partition by row_key order by version_at desc nulls last) > 1
                then 'superseded_version'
            when
                min(row_hash) over (partition by row_key, version_at)
                <> max(row_hash) over (partition by row_key, version_at)
                then 'duplicate_conflict'
            when
                row_number() over (
                    partition by row_key order by version_at desc nulls last, row_hash
                ) > 1
                then 'duplicate'
        end as copy_reason
    from repeated
{%- endmacro -%}


{#-
    Why an amount of money cannot be used, or null. Below 10^15 sums of a few
    thousand lines still fit numeric(28, 9).

    Arguments: column (raw) and parsed (its parse_decimal of 28, 9); null where
    it may be missing: pass is_required=false.
-#}
{%- macro amount_problem(column, parsed, is_required=true) -%}
    case
        when {{ revrec.decimal_problem(column, parsed, 28, 9) }} is not null
            then {{ revrec.decimal_problem(column, parsed, 28, 9) }}
        {%- if is_required %}
        when {{ parsed }} is null then 'missing_amount'
        {%- endif %}
        when abs({{ parsed }}) >= 1000000000000000 then 'out_of_range'
    end
{%- endmacro -%}


{#- The day of a date, a timestamp (in UTC) or an ISO text; null where it is
    none. Arguments: column (an expression). -#}
{%- macro parse_day(column) -%}
    cast({{ revrec.parse_timestamp(column) }} as date)
{%- endmacro -%}


{#-
    Why a service period cannot be used, or null: half of it is missing, or it
    ends before it starts. Arguments: its start and its end as the source gives
    it, the last day or exclusive, of one type.
-#}
{%- macro period_problem(starts, ends) -%}
    case
        when ({{ starts }} is null) <> ({{ ends }} is null) then 'incomplete_service_period'
        when {{ ends }} < {{ starts }} then 'service_ends_before_start'
    end
{%- endmacro -%}
