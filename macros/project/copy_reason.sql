{#-
    Why a raw row whose id is not its own does not count, or null: it has no id,
    its id is there again with another content, or this is a copy of it.

    Arguments: row_id, the column with the id. Column used: row_hash.
-#}
{%- macro copy_reason(row_id) -%}
        case
            when {{ row_id }} is null then 'missing_id'
            when
                min(row_hash) over (partition by {{ row_id }})
                <> max(row_hash) over (partition by {{ row_id }})
                then 'duplicate_conflict'
            when row_number() over (partition by {{ row_id }} order by row_hash) > 1
                then 'duplicate'
        end
{%- endmacro -%}
