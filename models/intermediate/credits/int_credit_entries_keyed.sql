-- Every raw row with its key: its id, or where it has none a hash of its content.
-- Two imports of one view, so that a ledger with ids is never hashed.
with

entries_with_id as (

    select * from {{ ref('int_credit_entries_unioned') }}
    where entry_id is not null

),

entries_without_id as (

    select * from {{ ref('int_credit_entries_unioned') }}
    where entry_id is null

),

final as (

    select
        *,
        entry_id as entry_key
    from entries_with_id

    union all

    select
        *,
        'row:' || {{ entry_hash() }} as entry_key
    from entries_without_id

)

select * from final
