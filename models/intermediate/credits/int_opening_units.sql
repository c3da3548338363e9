-- One row per row of the seed opening_units: what a grant had left when the books start,
-- where its export begins in the middle of its life. What is wrong with a row stops the
-- build; a grant with a grant entry of its own before the start is an exception.
{{ config(materialized='table') }}

with

opening_units as (

    select * from {{ raw('finance', 'opening_units') }}

),

exported_grants as (

    select
        source_system,
        grant_id,
        effective_at
    from {{ ref('int_credit_entries_exported') }}
    where entry_type = 'grant'

),

row_counts as (

    select * from {{ ref('int_raw_row_counts') }}

),

books_start as (

    select * from {{ ref('int_books_start') }}

),

parsed as (

    select
        {{ text_value('source_system') }} as source_system,
        {{ text_value('grant_id') }} as grant_id,
        {{ parse_decimal('units', 28, 9) }} as units,
        {{ text_value('memo') }} as memo
    from opening_units

),

credit_sources as (

    select source_system
    from row_counts
    where shape = 'credit_entries' and source_table <> 'opening_units'
    group by source_system

),

granted as (

    select
        exported_grants.source_system,
        exported_grants.grant_id
    from exported_grants
    inner join parsed
        on
            exported_grants.source_system = parsed.source_system
            and exported_grants.grant_id = parsed.grant_id
    cross join books_start
    where exported_grants.effective_at < books_start.starts_at
    group by exported_grants.source_system, exported_grants.grant_id

),

final as (

    select
        parsed.*,
        books_start.opening_at,
        books_start.starts_at,
        granted.grant_id is not null as is_twice,
        case
            when books_start.starts_at is null then 'var books_start is not set'
            when credit_sources.source_system is null
                then 'source_system is none of var sources, or has no credits'
            when parsed.grant_id is null then 'grant_id is empty'
            when parsed.units is null then 'units is empty or cannot be read'
            when parsed.units <= 0 then 'units is not above zero'
            when parsed.units >= 100000000000 then 'units is not below 10^11'
            when
                count(*) over (partition by parsed.source_system, parsed.grant_id) > 1
                then 'several rows for one grant'
        end as problem
    from parsed
    left join books_start
        on books_start.period_index > 0
    left join credit_sources
        on parsed.source_system = credit_sources.source_system
    left join granted
        on
            parsed.source_system = granted.source_system
            and parsed.grant_id = granted.grant_id

)

select * from final
