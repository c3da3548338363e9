-- One row per invoice and currency with entries on credit_clearing: what its lines
-- sold beside what grants of credits and metered usage took, and what was reversed of the lines
-- beside what was revoked of the grants. A pair of which one side is not in the
-- books yet explains itself.
with

entries as (

    select * from {{ ref('int_derived_entries') }}
    where debit_account = 'credit_clearing' or credit_account = 'credit_clearing'

),

grants as (

    select * from {{ ref('int_credit_grants') }}
    where has_invoice_line

),

signed as (

    select
        entries.source_system,
        entries.obligation_type,
        entries.obligation_id,
        entries.event_type,
        entries.currency,
        entries.invoice_id,
        case when entries.debit_account = 'credit_clearing' then 1 else -1 end
        * entries.amount_minor as debit_minor
    from entries

),

placed as (

    select
        signed.*,
        coalesce(signed.invoice_id, grants.invoice_id, signed.obligation_id) as subject_id
    from signed
    left join grants
        on
            signed.obligation_type = 'credit_grant'
            and signed.source_system = grants.source_system
            and signed.obligation_id = grants.grant_id

),

-- Credits are granted in one system and sold in another, so sources do not count.
summed as (

    select
        subject_id,
        currency,
        sum(case when event_type = 'service_invoiced' then -debit_minor else 0 end)
            as sold_minor,
        sum(
            case
                when
                    event_type in (
                        'credit_granted', 'credit_adjusted', 'usage_invoiced',
                        'usage_invoice_difference'
                    )
                    then debit_minor
                else 0
            end
        ) as granted_minor,
        sum(case when event_type = 'credit_revoked' then -debit_minor else 0 end)
            as revoked_minor,
        sum(
            case
                when
                    event_type in (
                        'service_invoiced', 'credit_granted', 'credit_adjusted', 'credit_revoked',
                        'usage_invoiced', 'usage_invoice_difference'
                    )
                    then 0
                else debit_minor
            end
        ) as reversed_minor,
        sum(debit_minor) as balance_minor
    from placed
    group by subject_id, currency

),

final as (

    select
        subject_id,
        currency,
        sold_minor,
        granted_minor,
        balance_minor,
        case when sold_minor = 0 or granted_minor = 0 then granted_minor - sold_minor else 0 end
        + case
            when revoked_minor = 0 or reversed_minor = 0 then reversed_minor - revoked_minor
            else 0
        end as waiting_minor
    from summed

)

select * from final
