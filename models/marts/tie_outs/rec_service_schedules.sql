-- Recognised + scheduled + reversed + not fulfilled yet = amount billed, per line.
with

ties as (

    select * from {{ ref('int_service_line_ties') }}

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
        cast(sum(billed_minor) as numeric(38, 9)) as expected,
        cast(sum(accounted_minor) as numeric(38, 9)) as actual,
        cast(0 as numeric(38, 9)) as explained
    from ties
    group by source_system, currency

    union all

    select
        source_system,
        currency,
        'service_line' as subject_type,
        obligation_id as subject_id,
        cast(billed_minor as numeric(38, 9)) as expected,
        cast(accounted_minor as numeric(38, 9)) as actual,
        cast(0 as numeric(38, 9)) as explained
    from ties
    where billed_minor <> accounted_minor

)

select
    'S1_schedules' as tie_out,
    final.source_system,
    as_of_period.accounting_period,
    final.currency,
    final.subject_type,
    final.subject_id,
    'minor' as measure,
    {{ tie_out_columns() }}
from final
cross join as_of_period
