-- Dr the account of policy grant_debit_account, Cr deferred_revenue: more credits
-- at the same cost (fewer swap the sides).
with

movements as (

    select * from {{ ref('int_credit_grant_movements') }}
    where event_rank = 2

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}
    where presentation = 'deferred'

),

final as (

    select
        movements.source_system,
        movements.grant_id as obligation_id,
        'credit_adjusted' as event_type,
        movements.accounting_period_index,
        movements.effective_period_index,
        coalesce(movements.last_date, grants.booked_date) as booked_date,
        movements.last_date,
        grants.grant_debit_account as debit_account,
        'deferred_revenue' as credit_account,
        movements.value_minor,
        movements.valued_units as units,
        movements.row_count as source_entry_count,
        'grant_debit_account: ' || grants.grant_debit_account as policy
    from movements
    inner join grants
        on
            movements.source_system = grants.source_system
            and movements.grant_id = grants.grant_id

)

select * from final
