-- The raw rows whose key occurs more than once, numbered within their key.
-- Only these are stored row by row: everything else is aggregated at once.
{{ config(materialized='table') }}

with

entries as (

    select * from {{ ref('int_credit_entries_keyed') }}

),

repeated_keys as (

    select * from {{ ref('int_credit_repeated_keys') }}

),

repeated as (

    select entries.*
    from entries
    inner join repeated_keys
        on
            entries.source_system = repeated_keys.source_system
            and entries.entry_key = repeated_keys.entry_key

),

-- Hashed after the join: only what is repeated is compared.
hashed as (

    select
        *,
        {{ entry_hash() }} as row_hash
    from repeated

),

-- Rows with the same key and hash are alike in every column, so it does not
-- matter which of them is the first.
numbered as (

    select
        *,
        cast(
            row_number() over (partition by source_system, entry_key order by row_hash) as integer
        ) as copy_number,
        count(*) over (partition by source_system, entry_key) as copies,
        min(row_hash) over (partition by source_system, entry_key)
        <> max(row_hash) over (partition by source_system, entry_key) as is_conflict
    from hashed

),

final as (

    select
        *,
        case
            when is_conflict then 'duplicate_conflict'
            when copy_number > 1 and (entry_id is not null or reference is not null)
                then 'duplicate'
        end as identity_reason
    from numbered

)

select * from final
