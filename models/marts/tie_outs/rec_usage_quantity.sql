-- What the meter counted in a usage period is the quantity of its accruals.
with

ties as (

    select * from {{ ref('int_usage_value_ties') }}
    where tie_out = 'U4_usage_quantity'

)

select
    tie_out,
    source_system,
    accounting_period,
    currency,
    subject_type,
    subject_id,
    measure,
    {{ tie_out_columns() }}
from ties
