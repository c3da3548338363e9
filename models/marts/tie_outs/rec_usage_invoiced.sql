-- What the source invoiced for usage is what the journal made receivable for it.
with

ties as (

    select * from {{ ref('int_usage_value_ties') }}
    where tie_out = 'U3_usage_invoiced'

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
