-- Breakage to date by the method of each grant = breakage in the journal.
with

ties as (

    select * from {{ ref('int_breakage_ties') }}

),

final as (

    select
        source_system,
        accounting_period,
        currency,
        'total' as subject_type,
        cast(null as varchar) as subject_id,
        cast(sum(expected) as numeric(38, 9)) as expected,
        cast(sum(actual) as numeric(38, 9)) as actual,
        cast(sum(explained) as numeric(38, 9)) as explained
    from ties
    group by source_system, accounting_period, currency

    union all

    select
        source_system,
        accounting_period,
        currency,
        'credit_grant' as subject_type,
        grant_id as subject_id,
        cast(expected as numeric(38, 9)) as expected,
        cast(actual as numeric(38, 9)) as actual,
        cast(explained as numeric(38, 9)) as explained
    from ties
    where expected - explained <> actual

)

select
    'T7_breakage' as tie_out,
    source_system,
    accounting_period,
    currency,
    subject_type,
    subject_id,
    'minor' as measure,
    {{ tie_out_columns() }}
from final
