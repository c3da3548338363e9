-- The old ledger's balance = the opening entries, per entity, account and currency, when
-- the books start. A difference is a row to explain: it is posted nowhere.
with

ties as (

    select * from {{ ref('int_opening_ties') }}

),

books_start as (

    select * from {{ ref('int_books_start') }}

),

final as (

    select
        currency,
        'total' as subject_type,
        cast(null as varchar) as subject_id,
        cast(sum(expected) as numeric(38, 9)) as expected,
        cast(sum(actual) as numeric(38, 9)) as actual,
        cast(sum(explained) as numeric(38, 9)) as explained
    from ties
    group by currency

    union all

    select
        currency,
        'account' as subject_type,
        entity_id || ' ' || account as subject_id,
        expected,
        actual,
        explained
    from ties
    where expected <> actual or explained <> 0

)

select
    'O1_opening_balances' as tie_out,
    'all' as source_system,
    books_start.opening_period as accounting_period,
    final.currency,
    final.subject_type,
    final.subject_id,
    'minor' as measure,
    {{ tie_out_columns() }}
from final
cross join books_start
