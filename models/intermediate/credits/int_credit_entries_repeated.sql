-- The raw rows whose key occurs more than once, numbered within their key.
-- Only these are stored row by row: everything else is aggregated at once. As of an
-- instant a row is compared with those that were known by then, not with later ones.
{{ config(materialized='table') }}

with

entries as (

    select * from {{ ref('int_credit_entries_keyed') }}

),

-- The same view a second time, so that the engine reads the ledger's keys for
-- it and nothing else.
keys as (

    select * from {{ ref('int_credit_entries_keyed') }}

),

-- Numbers are grouped faster than texts. Keys that only share their hash are
-- sorted out below.
repeated_hashes as (

    select {{ short_hash('entry_key') }} as key_hash
    from keys
    group by key_hash
    having count(*) > 1

),

candidates as (

    select * from entries
    where
        {{ short_hash('entry_key') }}
        in (select repeated_hashes.key_hash from repeated_hashes)

),

-- Only what may be repeated is compared.
hashed as (

    select
        *,
        {{ entry_hash() }} as row_hash,
        {{ is_known_later('known_at') }} as is_known_later
    from candidates

),

-- Rows with the same key and hash are alike in every column, so it does not
-- matter which of them is the first.
numbered as (

    select
        *,
        cast(
            row_number() over (
                partition by source_system, entry_key, is_known_later order by row_hash
            ) as integer
        ) as copy_number,
        count(*) over (partition by source_system, entry_key) as copies,
        min(row_hash) over (partition by source_system, entry_key, is_known_later)
        <> max(row_hash) over (partition by source_system, entry_key, is_known_later)
            as is_conflict
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
    where copies > 1

)

select * from final
