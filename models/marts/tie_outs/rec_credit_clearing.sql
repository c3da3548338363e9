-- What an invoice's lines sell, grants of credits take: credit_clearing is zero per
-- invoice once both are in the books.
with

ties as (

    select * from {{ ref('int_service_value_ties') }}
    where tie_out = 'C1_credit_clearing'

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
