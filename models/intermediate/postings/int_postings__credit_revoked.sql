-- Dr deferred_revenue, Cr by policy revocation: the receivable that will not be
-- paid, what is owed back to a customer who paid (credit_clearing where an invoice
-- line sold the credits), or breakage_revenue. Money that was owed and was taken
-- away: Dr customer_balance, Cr customer_balance_adjustments (credit_notes for
-- goodwill, which reduced revenue when it was given).
with

movements as (

    select * from {{ ref('int_credit_grant_movements') }}
    where event_rank = 8

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}
    where presentation in ('deferred', 'owed')

),

final as (

    select
        movements.source_system,
        movements.grant_id as obligation_id,
        'credit_revoked' as event_type,
        movements.accounting_period_index,
        movements.effective_period_index,
        coalesce(movements.last_date, grants.booked_date) as booked_date,
        movements.last_date,
        grants.balance_account as debit_account,
        {{ revocation_account('grants') }} as credit_account,
        movements.value_minor,
        movements.valued_units as units,
        movements.row_count as source_entry_count,
        case grants.presentation
            when 'owed' then 'as the source reduced it'
            else 'revocation: ' || grants.revocation_policy
        end as policy
    from movements
    inner join grants
        on
            movements.source_system = grants.source_system
            and movements.grant_id = grants.grant_id

)

select * from final
