-- Dr deferred_revenue, Cr breakage_revenue: the right to unused credits ended
-- (policy breakage_timing says when).
with

movements as (

    select * from {{ ref('int_credit_grant_movements') }}
    where event_rank = 5

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}
    where presentation = 'deferred'

),

final as (

    select
        movements.source_system,
        movements.grant_id as obligation_id,
        'credit_expired' as event_type,
        movements.accounting_period_index,
        movements.effective_period_index,
        grants.booked_date,
        movements.last_date,
        'deferred_revenue' as debit_account,
        'breakage_revenue' as credit_account,
        movements.value_minor,
        movements.valued_units as units,
        movements.row_count as source_entry_count,
        'breakage_timing: ' || grants.breakage_policy as policy
    from movements
    inner join grants
        on
            movements.source_system = grants.source_system
            and movements.grant_id = grants.grant_id

)

select * from final
