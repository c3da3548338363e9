-- One row per grant: its current version, and what each policy says of it.
-- The columns before the policies are those that a policy macro may use.
{{ config(materialized='table') }}

with

versions as (

    select * from {{ ref('int_credit_grant_versions') }}
    where is_current

),

credit_purchases as (

    select * from {{ ref('int_credit_purchases') }}

),

origins as (

    select * from {{ ref('int_credit_grant_origins') }}

),

close_intervals as (

    select * from {{ ref('int_close_intervals') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

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
        versions.plan_code,
        versions.pool_id,
        versions.remaining_units,
        versions.consumed_units,
        versions.priority,
        versions.invoice_id,
        versions.is_invoice_paid,
        versions.effective_at,
        versions.expires_at,
        versions.sold_from,
        versions.sold_until,
        versions.sold_units,
        versions.version_reason,
        credit_purchases.invoice_id is not null as is_sold_on_invoice,
        -- The billing source has the receivable, and any payment: if it said so before
        -- the period of the grant was closed.
        coalesce(
            credit_purchases.known_floor_index
            <= greatest(booked_days.period_index, close_intervals.first_open_period_index),
            credit_purchases.invoice_id is not null
        ) as has_invoice_line
    from versions
    left join credit_purchases
        on versions.invoice_id = credit_purchases.invoice_id
    left join origins
        on
            versions.source_system = origins.source_system
            and versions.grant_id = origins.grant_id
    left join close_intervals
        on origins.known_interval = close_intervals.known_interval
    left join accounting_days as booked_days
        on origins.booked_date = booked_days.accounting_date

),

final as (

    select
        *,
        {{ entity_of() }} as entity_id,
        {{ grant_debit_account() }} as grant_debit_account,
        {{ recurring_grants() }} as recurring_policy,
        {{ promotional_presentation() }} as promotional_policy,
        {{ goodwill_recognition() }} as goodwill_policy,
        {{ overdraft_recognition() }} as overdraft_policy,
        {{ revocation() }} as revocation_policy,
        {{ breakage_timing() }} as breakage_policy,
        {{ breakage_constraint() }} as constraint_policy,
        cast({{ breakage_haircut() }} as numeric(7, 6)) as haircut_share,
        cast({{ breakage_cohorts() }} as integer) as cohort_count,
        cast({{ remote_after_days() }} as integer) as remote_after_days,
        {{ jurisdiction_of() }} as jurisdiction,
        {{ expiry_source() }} as expiry_policy,
        {{ refund_excess() }} as refund_excess_policy
    from described

)

select * from final
