-- What is posted: of sealed periods that are derived otherwise what was sealed, of all
-- others what is derived, and what corrects the former. The guard on rec_seal_breaks
-- stands before it.
-- depends_on: {{ ref('rec_seal_breaks') }}
with

derived as (

    select * from {{ ref('int_books_entries') }}

),

sealed as (

    select * from {{ ref('int_sealed_entries') }}

),

corrections as (

    select * from {{ ref('int_seal_corrections') }}

),

replaced_periods as (

    select * from {{ ref('int_replaced_periods') }}

),

final as (

    select {{ journal_columns('derived') }}
    from derived
    where
        not exists (
            select 1
            from replaced_periods
            where replaced_periods.accounting_period = derived.accounting_period
        )

    union all

    select {{ journal_columns('sealed') }}
    from sealed
    inner join replaced_periods
        on sealed.accounting_period = replaced_periods.accounting_period

    union all

    select {{ journal_columns('corrections') }}
    from corrections

)

select * from final
