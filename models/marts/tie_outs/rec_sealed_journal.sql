-- Posted journal = derived journal + the layer of seals: what every account moved by.
with

ties as (

    select * from {{ ref('int_sealed_journal_ties') }}

),

final as (

    select
        accounting_period,
        currency,
        'total' as subject_type,
        cast(null as varchar) as subject_id,
        cast(sum(expected) as numeric(38, 9)) as expected,
        cast(sum(actual) as numeric(38, 9)) as actual,
        cast(sum(explained) as numeric(38, 9)) as explained
    from ties
    group by accounting_period, currency

    union all

    select
        accounting_period,
        currency,
        'account' as subject_type,
        entity_id || ' ' || account as subject_id,
        cast(expected as numeric(38, 9)) as expected,
        cast(actual as numeric(38, 9)) as actual,
        cast(explained as numeric(38, 9)) as explained
    from ties
    where expected - actual <> explained

)

select
    'J1_sealed_journal' as tie_out,
    'all' as source_system,
    accounting_period,
    currency,
    subject_type,
    subject_id,
    'minor' as measure,
    {{ tie_out_columns() }}
from final
