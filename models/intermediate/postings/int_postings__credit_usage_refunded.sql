-- Dr credit_revenue, Cr the account that the revocation credits: more credits were
-- revoked than were left, so use is paid back (policy refund_excess). Less than that, or
-- a revocation that is taken back: the reverse.
with

excess as (

    select * from {{ ref('int_credit_revocation_excess') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

final as (

    select
        excess.source_system,
        excess.grant_id as obligation_id,
        'credit_usage_refunded' as event_type,
        excess.accounting_period_index,
        excess.effective_period_index,
        grants.booked_date,
        excess.last_date,
        'credit_revenue' as debit_account,
        {{ revocation_account('grants') }} as credit_account,
        excess.value_minor,
        excess.units,
        -- The rows are those of the revocation.
        cast(0 as bigint) as source_entry_count,
        'refund_excess: ' || grants.refund_excess_policy as policy
    from excess
    inner join grants
        on
            excess.source_system = grants.source_system
            and excess.grant_id = grants.grant_id

)

select * from final
