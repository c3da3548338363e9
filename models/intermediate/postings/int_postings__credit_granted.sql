-- Dr the account of policy grant_debit_account (a receivable, or cash without an
-- invoice), Cr deferred_revenue: the customer has paid or owes for credits that
-- are not used yet. Goodwill that is owed from its issue on: Dr credit_notes, Cr
-- customer_balance. (The reversal of the refunded line posts on-account credits.) What was left
-- when the books start was sold before: Dr opening_balances. Bonus credits that share
-- the price of a purchase post as paid ones do.
with

movements as (

    select * from {{ ref('int_credit_grant_movements') }}
    where event_rank = 1

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}
    where presentation = 'deferred' or (presentation = 'owed' and funding <> 'on_account')

),

final as (

    select
        movements.source_system,
        movements.grant_id as obligation_id,
        'credit_granted' as event_type,
        movements.accounting_period_index,
        movements.effective_period_index,
        grants.booked_date,
        movements.last_date,
        case
            when movements.effective_period_index = grants.opening_period_index
                then 'opening_balances'
            when grants.presentation = 'owed' then 'credit_notes'
            else grants.grant_debit_account
        end as debit_account,
        grants.balance_account as credit_account,
        movements.value_minor,
        movements.valued_units as units,
        movements.row_count as source_entry_count,
        case
            when movements.effective_period_index = grants.opening_period_index
                then 'books_start: units when the books start'
            when grants.presentation = 'owed'
                then 'goodwill_recognition: ' || grants.goodwill_policy
            else
                'grant_debit_account: ' || grants.grant_debit_account
                || coalesce(', bonus_credits: ' || grants.bonus_policy, '')
        end as policy
    from movements
    inner join grants
        on
            movements.source_system = grants.source_system
            and movements.grant_id = grants.grant_id

)

select * from final
