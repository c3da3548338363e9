-- The source's own balance of a customer = customer_balance, per customer.
with

ties as (

    select * from {{ ref('int_service_value_ties') }}
    where tie_out = 'S5_customer_balances'

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
