-- Dr deferred_revenue (customer_balance for money that is owed), Cr
-- breakage_revenue: the right to unused credits ended (policy breakage_timing says
-- when). Goodwill that ends was no reduction of revenue: Cr credit_notes. Less than
-- was thought had expired: the reverse.
with

movements as (

    select * from {{ ref('int_credit_grant_movements') }}
    where event_rank in (0, 7)

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}
    where presentation in ('deferred', 'owed')

),

final as (

    select
        movements.source_system,
        movements.grant_id as obligation_id,
        case movements.event_rank when 0 then 'credit_expiry_reversed' else 'credit_expired' end
            as event_type,
        movements.accounting_period_index,
        movements.effective_period_index,
        grants.booked_date,
        movements.last_date,
        grants.balance_account as debit_account,
        case
            when grants.presentation = 'owed' and grants.funding = 'goodwill' then 'credit_notes'
            else 'breakage_revenue'
        end as credit_account,
        case movements.event_rank when 0 then -1 else 1 end * movements.value_minor
            as value_minor,
        case movements.event_rank when 0 then -1 else 1 end * movements.valued_units as units,
        movements.row_count as source_entry_count,
        'breakage_timing: ' || grants.breakage_policy as policy
    from movements
    inner join grants
        on
            movements.source_system = grants.source_system
            and movements.grant_id = grants.grant_id

)

select * from final
