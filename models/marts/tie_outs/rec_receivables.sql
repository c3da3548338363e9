-- The source's total - payments - credits = receivable, per invoice.
with

ties as (

    select * from {{ ref('int_service_value_ties') }}
    where tie_out = 'S3_receivables'

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
