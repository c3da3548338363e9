-- Dr deferred_revenue (customer_balance for money that is owed), Cr
-- breakage_revenue: the right to unused credits ended. What was recognised ahead (policy
-- breakage_timing) or is held for a law is not in it. Goodwill that ends was no reduction
-- of revenue: Cr credit_notes. Less than was thought had expired: the reverse.
with

movements as (

    select * from {{ ref('int_credit_grant_movements') }}
    where event_rank in (0, 7)

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}
    where presentation in ('deferred', 'owed')

),

breakage_expiries as (

    select * from {{ ref('int_breakage_expiries') }}

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
        coalesce(
            breakage_expiries.value_minor,
            case movements.event_rank when 0 then -1 else 1 end * movements.value_minor
        ) as value_minor,
        case movements.event_rank when 0 then -1 else 1 end * movements.valued_units as units,
        movements.row_count as source_entry_count,
        {{ breakage_policy_text('grants') }} as policy
    from movements
    inner join grants
        on
            movements.source_system = grants.source_system
            and movements.grant_id = grants.grant_id
    left join breakage_expiries
        on
            movements.source_system = breakage_expiries.source_system
            and movements.grant_id = breakage_expiries.grant_id
            and movements.accounting_period_index = breakage_expiries.accounting_period_index
            and movements.effective_period_index = breakage_expiries.effective_period_index
            and movements.event_rank = breakage_expiries.event_rank

)

select * from final
