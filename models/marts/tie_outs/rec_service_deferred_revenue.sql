-- Deferred revenue per line = what of the invoiced amount its own terms leave
-- unearned, after what was reversed.
with

ties as (

    select * from {{ ref('int_service_value_ties') }}
    where tie_out = 'S2_service_deferred'

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
