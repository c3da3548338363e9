-- Dr accounts_receivable (cash for a charge without an invoice), Cr deferred_revenue,
-- or for its other parts tax_liability, passthrough_fees, credit_clearing: the line
-- was billed. What was recognised before comes off unbilled_receivable instead.
with

parts as (

    select * from {{ ref('int_service_line_parts') }}
    where
        booked_date is not null
        and position_account is not null
        and amount_minor <> 0

),

unbilled as (

    select * from {{ ref('int_unbilled_parts') }}

),

divided as (

    select
        parts.*,
        coalesce(unbilled.unbilled_minor, 0) as unbilled_minor
    from parts
    left join unbilled
        on
            parts.source_system = unbilled.source_system
            and parts.line_id = unbilled.line_id
            and parts.part_number = unbilled.part_number

),

final as (

    select
        *,
        position_account as credit_account,
        amount_minor - unbilled_minor as value_minor
    from divided

    union all

    select
        *,
        'unbilled_receivable' as credit_account,
        unbilled_minor as value_minor
    from divided
    where unbilled_minor <> 0

)

select
    entity_id,
    source_system,
    'service_line' as obligation_type,
    obligation_id,
    customer_id,
    product_id,
    'service_invoiced' as event_type,
    booked_period_index as accounting_period_index,
    booked_effective_index as effective_period_index,
    booked_date,
    booked_date as last_date,
    billing_account as debit_account,
    credit_account,
    value_minor,
    currency,
    minor_unit,
    0 as units,
    1 as source_entry_count,
    policy,
    invoice_id,
    cast(null as varchar) as settled_currency,
    cast(null as bigint) as settled_minor
from final
where value_minor <> 0
