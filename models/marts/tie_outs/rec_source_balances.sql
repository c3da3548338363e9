-- The source's own remaining units x cost = deferred revenue, today. Between
-- them lie rows that are not in the books (not_in_books), units that expired by their
-- date and that the source still has (not_expired), a source that disagrees with its own
-- ledger (source_drift), and rounding.
with

ties as (

    select * from {{ ref('int_credit_source_ties') }}

),

as_of_period as (

    select * from {{ ref('int_as_of_period') }}

),

final as (

    select
        source_system,
        currency,
        'total' as subject_type,
        cast(null as varchar) as subject_id,
        cast(sum(not_in_books) as numeric(38, 9)) as not_in_books,
        cast(sum(not_expired) as numeric(38, 9)) as not_expired,
        cast(sum(source_drift) as numeric(38, 9)) as source_drift,
        cast(sum(expected) as numeric(38, 9)) as expected,
        cast(sum(actual) as numeric(38, 9)) as actual,
        cast(sum(explained) as numeric(38, 9)) as explained
    from ties
    group by source_system, currency

    union all

    select
        source_system,
        currency,
        'credit_grant' as subject_type,
        grant_id as subject_id,
        cast(not_in_books as numeric(38, 9)) as not_in_books,
        cast(not_expired as numeric(38, 9)) as not_expired,
        cast(source_drift as numeric(38, 9)) as source_drift,
        cast(expected as numeric(38, 9)) as expected,
        cast(actual as numeric(38, 9)) as actual,
        cast(explained as numeric(38, 9)) as explained
    from ties
    where expected - explained <> actual

)

select
    'T2_source_balances' as tie_out,
    final.source_system,
    as_of_period.accounting_period,
    final.currency,
    final.subject_type,
    final.subject_id,
    'minor' as measure,
    {{ tie_out_columns() }},
    final.not_in_books,
    final.source_drift,
    final.not_expired
from final
cross join as_of_period
