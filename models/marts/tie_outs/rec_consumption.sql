-- Units consumed x cost = recognised revenue.
with

ties as (

    select * from {{ ref('int_credit_value_ties') }}
    where tie_out = 'T1_consumption'

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
