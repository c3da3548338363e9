-- What an invoice's lines sell, grants of credits take: credit_clearing is zero per
-- invoice once both are in the books.
with

ties as (

    select * from {{ ref('int_credit_clearing_ties') }}

),

as_of_period as (

    select * from {{ ref('int_as_of_period') }}

),

final as (

    select
        currency,
        'total' as subject_type,
        cast(null as varchar) as subject_id,
        cast(0 as numeric(38, 9)) as expected,
        cast(sum(balance_minor) as numeric(38, 9)) as actual,
        cast(-sum(waiting_minor) as numeric(38, 9)) as explained
    from ties
    group by currency

    union all

    select
        currency,
        'invoice' as subject_type,
        subject_id,
        cast(0 as numeric(38, 9)) as expected,
        cast(balance_minor as numeric(38, 9)) as actual,
        cast(-waiting_minor as numeric(38, 9)) as explained
    from ties
    where balance_minor <> waiting_minor

)

select
    'C1_credit_clearing' as tie_out,
    'all' as source_system,
    as_of_period.accounting_period,
    final.currency,
    final.subject_type,
    final.subject_id,
    'minor' as measure,
    {{ tie_out_columns() }}
from final
cross join as_of_period
