-- granted + adjusted = consumed + expired + revoked + remaining, per grant:
-- what the raw rows add up to beside the closing units of the grant's periods.
with

balances as (

    select * from {{ ref('int_credit_source_balances') }}

),

as_of_period as (

    select * from {{ ref('int_as_of_period') }}

),

final as (

    select
        source_system,
        'total' as subject_type,
        cast(null as varchar) as subject_id,
        cast(sum(booked_units) as numeric(38, 9)) as expected,
        cast(sum(closing_units) as numeric(38, 9)) as actual,
        cast(0 as numeric(38, 9)) as explained
    from balances
    group by source_system

    union all

    select
        source_system,
        'credit_grant' as subject_type,
        grant_id as subject_id,
        cast(booked_units as numeric(38, 9)) as expected,
        cast(closing_units as numeric(38, 9)) as actual,
        cast(0 as numeric(38, 9)) as explained
    from balances
    where booked_units <> closing_units

)

select
    'T6_units' as tie_out,
    final.source_system,
    as_of_period.accounting_period,
    cast(null as varchar) as currency,
    final.subject_type,
    final.subject_id,
    'units' as measure,
    {{ tie_out_columns() }}
from final
cross join as_of_period
