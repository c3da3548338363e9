-- The source's own remaining credits of a customer = what remains in the books.
with

ties as (

    select * from {{ ref('int_customer_credit_ties') }}

),

as_of_period as (

    select * from {{ ref('int_as_of_period') }}

),

final as (

    select
        source_system,
        'total' as subject_type,
        cast(null as varchar) as subject_id,
        cast(sum(expected) as numeric(38, 9)) as expected,
        cast(sum(actual) as numeric(38, 9)) as actual,
        cast(sum(explained) as numeric(38, 9)) as explained
    from ties
    group by source_system

    union all

    select
        source_system,
        'customer' as subject_type,
        coalesce(customer_id, 'unknown') as subject_id,
        expected,
        actual,
        explained
    from ties
    where expected - explained <> actual

)

select
    'T7_customer_credits' as tie_out,
    final.source_system,
    as_of_period.accounting_period,
    cast(null as varchar) as currency,
    final.subject_type,
    final.subject_id,
    'units' as measure,
    {{ tie_out_columns() }}
from final
cross join as_of_period
