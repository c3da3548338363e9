-- Units that pay invoices or are paid out x cost = what they take from deferred revenue.
with

ties as (

    select * from {{ ref('int_credit_value_ties') }}
    where tie_out in ('T4_applied', 'T4_refunded')

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
