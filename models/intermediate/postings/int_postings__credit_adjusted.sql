-- Dr the account of policy grant_debit_account, Cr deferred_revenue: more credits
-- at the same cost (fewer swap the sides). Of money that is owed: Dr
-- customer_balance_adjustments (credit_notes for goodwill), Cr customer_balance.
with

movements as (

    select * from {{ ref('int_credit_grant_movements') }}
    where event_rank = 2

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}
    where presentation in ('deferred', 'owed')

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
        case
            when grants.presentation = 'owed' and grants.funding = 'goodwill' then 'credit_notes'
            when grants.presentation = 'owed' then 'customer_balance_adjustments'
            else grants.grant_debit_account
        end as debit_account,
        grants.balance_account as credit_account,
        movements.value_minor,
        movements.valued_units as units,
        movements.row_count as source_entry_count,
        case grants.presentation
            when 'owed' then 'as the source adjusted it'
            else 'grant_debit_account: ' || grants.grant_debit_account
        end as policy
    from movements
    inner join grants
        on
            movements.source_system = grants.source_system
            and movements.grant_id = grants.grant_id

)

select * from final
