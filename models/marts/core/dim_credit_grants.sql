with

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

final as (

    select
        {{ key_hash(['source_system', 'grant_id']) }} as credit_grant_key,
        source_system,
        grant_id,
        customer_id,
        credit_unit,
        display_name,
        entity_id,
        funding,
        presentation,
        currency,
        cast(price_numerator as numeric(38, 0)) as price_numerator,
        cast(price_denominator as numeric(38, 0)) as price_denominator,
        granted_units as source_granted_units,
        consumed_units as source_consumed_units,
        remaining_units as source_remaining_units,
        priority,
        invoice_id,
        is_invoice_paid,
        effective_at,
        expires_at,
        booked_date,
        grant_debit_account,
        revocation_policy,
        breakage_policy,
        bonus_policy,
        grant_disposition as disposition,
        grant_reason as reason,
        plan_code,
        pool_id,
        balance_account,
        goodwill_policy,
        constraint_policy,
        remote_after_days,
        jurisdiction
    from grants

)

select * from final
