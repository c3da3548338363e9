-- What the meter's total is worth, rated at once, is revenue, but for estimates, minimums
-- and what invoices say beside the meter.
with

ties as (

    select * from {{ ref('int_usage_value_ties') }}
    where tie_out = 'U1_usage_revenue'

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
