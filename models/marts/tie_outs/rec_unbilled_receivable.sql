-- What is recognised and not invoiced is the unbilled receivable of its usage period.
with

ties as (

    select * from {{ ref('int_usage_value_ties') }}
    where tie_out = 'U2_unbilled_receivable'

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
