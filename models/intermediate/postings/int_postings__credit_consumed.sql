-- Dr deferred_revenue, Cr credit_revenue: credits were used, at the cost of their
-- grant. By policy Dr discounts for credits given away, Dr contract_asset for an
-- overdraft that no grant has settled yet.
with

movements as (

    select * from {{ ref('int_credit_grant_movements') }}
    where event_rank = 4

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}
    where presentation <> 'memo'

),

final as (

    select
        movements.source_system,
        movements.grant_id as obligation_id,
        'credit_consumed' as event_type,
        movements.accounting_period_index,
        movements.effective_period_index,
        grants.booked_date,
        movements.last_date,
        grants.balance_account as debit_account,
        'credit_revenue' as credit_account,
        movements.value_minor,
        movements.valued_units as units,
        movements.row_count as source_entry_count,
        case grants.presentation
            when 'gross' then 'promotional_presentation: gross'
            when 'accrued' then 'overdraft_recognition: when_used'
            else 'recognition: as_consumed'
        end as policy
    from movements
    inner join grants
        on
            movements.source_system = grants.source_system
            and movements.grant_id = grants.grant_id

)

select * from final
