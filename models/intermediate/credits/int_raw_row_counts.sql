-- One row per raw table and source with how many rows it has. Opening units are rows of
-- the source of their grants.
with

exported as (

    {{ union_sources('row_counts') }}

),

opening_units as (

    select * from {{ raw('finance', 'opening_units') }}

),

final as (

    select * from exported

    union all

    select
        {{ text_value('source_system') }} as source_system,
        'opening_units' as source_table,
        'credit_entries' as shape,
        count(*) as rows_in
    from opening_units
    group by {{ text_value('source_system') }}

)

select * from final
