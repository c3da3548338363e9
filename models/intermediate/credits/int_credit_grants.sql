-- One row per grant: its current version, and what each policy says of it.
-- The columns before the policies are those that a policy macro may use.
{{ config(materialized='table') }}

with

versions as (

    select * from {{ ref('int_credit_grant_versions') }}
    where is_current

),

credit_purchases as (

    select distinct invoice_id
    from {{ ref('int_service_line_parts') }}
    where
        treatment = 'credit_purchase'
        and booked_date is not null
        and invoice_id is not null

),

described as (

    select
        versions.source_system,
        versions.source_table,
        versions.grant_id,
        versions.customer_id,
        versions.credit_unit,
        versions.credit_unit as product_id,
        versions.display_name,
        versions.funding,
        versions.currency,
        versions.granted_units,
        versions.price_total,
        versions.price_per_unit,
        versions.remaining_units,
        versions.consumed_units,
        versions.priority,
        versions.invoice_id,
        versions.is_invoice_paid,
        versions.effective_at,
        versions.expires_at,
        versions.version_reason,
        -- The billing source has the receivable, and any payment.
        credit_purchases.invoice_id is not null as has_invoice_line
    from versions
    left join credit_purchases
        on versions.invoice_id = credit_purchases.invoice_id

),

final as (

    select
        *,
        {{ entity_of() }} as entity_id,
        {{ grant_debit_account() }} as grant_debit_account,
        {{ recurring_grants() }} as recurring_policy,
        {{ promotional_presentation() }} as promotional_policy,
        {{ overdraft_recognition() }} as overdraft_policy,
        {{ revocation() }} as revocation_policy,
        {{ breakage_timing() }} as breakage_policy
    from described

)

select * from final
