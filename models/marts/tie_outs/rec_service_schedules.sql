-- Recognised + scheduled + reversed + not fulfilled yet = amount billed, per line.
with

ties as (

    select * from {{ ref('int_service_value_ties') }}
    where tie_out = 'S1_schedules'

)

select
    tie_out,
    source_system,
    accounting_period,
    currency,
    subject_type,
    subject_id,
    'minor' as measure,
    {{ tie_out_columns() }}
from ties
