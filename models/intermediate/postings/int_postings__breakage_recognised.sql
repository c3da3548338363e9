-- Dr deferred_revenue, Cr breakage_revenue: as much as is expected never to be used is
-- earned as the rest is, or once its use is remote. One per grant and accounting period: a
-- negative value (an estimate that falls, a use or a revocation of what was thought lost)
-- swaps the sides.
with

changes as (

    select * from {{ ref('int_breakage_changes') }}
    where recognised_minor <> 0

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

final as (

    select
        changes.source_system,
        changes.grant_id as obligation_id,
        'breakage_recognised' as event_type,
        changes.period_index as accounting_period_index,
        changes.period_index as effective_period_index,
        grants.booked_date,
        changes.seen_on as last_date,
        grants.balance_account as debit_account,
        'breakage_revenue' as credit_account,
        changes.recognised_minor as value_minor,
        cast(0 as numeric(28, 9)) as units,
        0 as source_entry_count,
        {{ breakage_policy_text('grants') }} as policy
    from changes
    inner join grants
        on
            changes.source_system = grants.source_system
            and changes.grant_id = grants.grant_id

)

select * from final
