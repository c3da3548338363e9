-- One row per customer and credit unit of which the source itself says what remains,
-- of each grant or of whole pools: that beside what remains in the books, and what
-- lies between them: rows that are not in the books, units that the source has not let
-- expire, and a source that disagrees with its own ledger.
with

grant_balances as (

    select * from {{ ref('int_credit_source_balances') }}
    where remaining_units is not null

),

pool_sums as (

    select * from {{ ref('int_credit_pool_sums') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

stated as (

    select
        grant_balances.source_system,
        grants.customer_id,
        grants.credit_unit,
        grant_balances.remaining_units,
        grant_balances.closing_units,
        grant_balances.unbooked_units,
        grant_balances.unexpired_units,
        grant_balances.drift_units
    from grant_balances
    inner join grants
        on
            grant_balances.source_system = grants.source_system
            and grant_balances.grant_id = grants.grant_id

    union all

    select
        source_system,
        customer_id,
        credit_unit,
        remaining_units,
        closing_units,
        unbooked_units,
        unexpired_units,
        drift_units
    from pool_sums

)

select
    source_system,
    customer_id,
    credit_unit,
    cast(sum(remaining_units) as numeric(38, 9)) as expected,
    cast(sum(closing_units) as numeric(38, 9)) as actual,
    cast(sum(unbooked_units + unexpired_units + drift_units) as numeric(38, 9)) as explained
from stated
group by source_system, customer_id, credit_unit
