-- Dr deferred_revenue, Cr unclaimed_property: the share of what nobody used that a law
-- keeps for the state is due, for it has been dormant long enough. It was never revenue. A
-- negative value (it was used after all) swaps the sides.
with

changes as (

    select * from {{ ref('int_breakage_changes') }}
    where unclaimed_minor <> 0

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

final as (

    select
        changes.source_system,
        changes.grant_id as obligation_id,
        'credit_unclaimed' as event_type,
        changes.period_index as accounting_period_index,
        changes.period_index as effective_period_index,
        grants.booked_date,
        changes.seen_on as last_date,
        grants.balance_account as debit_account,
        'unclaimed_property' as credit_account,
        changes.unclaimed_minor as value_minor,
        cast(0 as numeric(28, 9)) as units,
        0 as source_entry_count,
        'unclaimed_property: ' || changes.jurisdiction as policy
    from changes
    inner join grants
        on
            changes.source_system = grants.source_system
            and changes.grant_id = grants.grant_id

)

select * from final
