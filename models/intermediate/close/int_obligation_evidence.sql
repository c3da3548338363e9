-- One row per obligation: the raw rows behind all its entries, each counted once, however
-- many entries or periods it supports.
with

supporting_rows as (

    select * from {{ ref('int_supporting_rows') }}

),

distinct_rows as (

    select
        source_system,
        obligation_type,
        obligation_id,
        row_id,
        max(quantity_nano) as quantity_nano
    from supporting_rows
    group by source_system, obligation_type, obligation_id, row_id

)

select
    source_system,
    obligation_type,
    obligation_id,
    count(*) as row_count,
    {{ digest_of_all(key_hash(['row_id', 'quantity_nano'])) }} as rows_digest
from distinct_rows
group by source_system, obligation_type, obligation_id
