-- The source's own balance of a customer = customer_balance, per customer.
with

ties as (

    select * from {{ ref('int_customer_balance_ties') }}

),

as_of_period as (

    select * from {{ ref('int_as_of_period') }}

),

final as (

    select
        source_system,
        currency,
        'total' as subject_type,
        cast(null as varchar) as subject_id,
        cast(sum(expected_minor) as numeric(38, 9)) as expected,
        cast(sum(balance_minor) as numeric(38, 9)) as actual,
        cast(sum(left_out_minor) as numeric(38, 9)) as explained
    from ties
    group by source_system, currency

    union all

    select
        source_system,
        currency,
        'customer' as subject_type,
        customer_id as subject_id,
        cast(expected_minor as numeric(38, 9)) as expected,
        cast(balance_minor as numeric(38, 9)) as actual,
        cast(left_out_minor as numeric(38, 9)) as explained
    from ties
    where expected_minor - balance_minor <> left_out_minor

)

select
    'S5_customer_balances' as tie_out,
    final.source_system,
    as_of_period.accounting_period,
    final.currency,
    final.subject_type,
    final.subject_id,
    'minor' as measure,
    {{ tie_out_columns() }}
from final
cross join as_of_period
