-- One row per grant: its current version, and what each policy says of it.
-- The columns before the policies are those that a policy macro may use.
{{ config(materialized='table') }}

with

versions as (

    select * from {{ ref('int_credit_grant_versions') }}

),

described as (

    select
        source_system,
        source_table,
        grant_id,
        customer_id,
        credit_unit,
        credit_unit as product_id,
        display_name,
        funding,
        currency,
        granted_units,
        price_total,
        price_per_unit,
        remaining_units,
        consumed_units,
        priority,
        invoice_id,
        is_invoice_paid,
        effective_at,
        expires_at,
        version_reason
    from versions
    where is_current

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
