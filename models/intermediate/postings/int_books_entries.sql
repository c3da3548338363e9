-- One row per entry of these books: the derived entries from their start on, and one
-- opening entry for each balance that the earlier ones left.
with

entries as (

    select * from {{ ref('int_derived_entries') }}

),

folded_periods as (

    select * from {{ ref('int_folded_periods') }}

),

opening_entries as (

    select * from {{ ref('int_opening_entries') }}

),

final as (

    select {{ journal_columns('entries') }}
    from entries
    left join folded_periods
        on entries.accounting_period = folded_periods.accounting_period
    where folded_periods.accounting_period is null

    union all

    select {{ journal_columns('opening_entries') }}
    from opening_entries

)

select * from final
