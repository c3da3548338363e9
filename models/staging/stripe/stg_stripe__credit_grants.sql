{{ config(enabled='stripe' in var('sources') | string) }}

-- Stripe changes the expiry in place and writes no transaction of it: the newest
-- version of the row says when the credits expire.
with

grants as (

    select * from {{ ref('base_stripe__billing_credit_grants') }}

),

terms as (

    select * from {{ ref('stg_stripe__credit_grant_terms') }}

),

invoices as (

    select * from {{ ref('base_stripe__invoices') }}
    where is_first_copy and row_reason is null

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

typed as (

    select
        *,
        -- Stripe's default where the export leaves it out.
        case coalesce(category, 'paid')
            when 'paid' then 'paid'
            when 'promotional' then 'promotional'
        end as funding,
        coalesce(amount_type = 'monetary', custom_pricing_unit_id is null) as is_monetary,
        coalesce(starts_at, created_at) as effective_at
    from grants

),

described as (

    select
        typed.*,
        terms.invoice_id,
        upper(invoices.status) as invoice_status,
        coalesce(invoices.status = 'paid', false) as is_invoice_paid,
        terms.raw_cost_basis,
        case when typed.is_monetary then typed.monetary_currency end as currency,
        case
            when typed.is_monetary then typed.monetary_currency
            else typed.custom_pricing_unit_id
        end as credit_unit,
        case
            when not typed.is_monetary then typed.custom_units
            when typed.monetary_minor = trunc(typed.monetary_minor)
                then {{ minor_as_units('typed.monetary_minor', 'currencies.stripe_minor_unit') }}
        end as granted_units,
        -- What was given away has no price, whatever its metadata say.
        case when typed.funding = 'paid' then terms.cost_basis end as price_total,
        coalesce(
            typed.input_problem,
            case
                when typed.is_monetary and currencies.currency is null then 'unknown_currency'
            end,
            case
                when typed.funding = 'paid'
                    then coalesce(terms.metadata_problem, terms.cost_basis_problem)
            end
        ) as grant_problem
    from typed
    left join terms
        on typed.grant_id = terms.grant_id
    left join invoices
        on terms.invoice_id = invoices.invoice_id
    left join currencies
        on typed.monetary_currency = currencies.currency

),

canonical as (

    select
        'stripe' as source_system,
        'billing_credit_grants' as source_table,
        grant_id,
        customer_id,
        credit_unit,
        display_name,
        funding,
        granted_units,
        price_total,
        currency,
        cast(null as varchar) as priority,
        cast(null as varchar) as resource_id,
        cast(null as varchar) as plan_code,
        cast(null as varchar) as pool_id,
        cast(null as numeric(28, 9)) as source_order,
        cast(null as varchar) as status,
        'settled' as payment_status,
        invoice_id,
        invoice_status,
        is_invoice_paid,
        effective_at,
        expires_at,
        voided_at,
        created_at as known_at,
        cast(null as numeric(28, 9)) as remaining_units,
        cast(null as numeric(28, 9)) as consumed_units,
        updated_at as version_at,
        version_problem,
        grant_problem as input_problem,
        cast(null as varchar) as raw_key,
        is_monetary,
        custom_units,
        starts_at,
        raw_category,
        raw_monetary_amount,
        raw_custom_units,
        raw_cost_basis,
        raw_created,
        raw_effective_at,
        raw_expires_at,
        raw_voided_at,
        raw_updated
    from described

),

decided as (

    select
        *,
        {{ paid_credits_without_cost() }} as missing_cost_policy
    from canonical

),

final as (

    select
        *,
        -- One credit of a currency is one of its major units.
        case
            when
                missing_cost_policy = 'face_value'
                and is_monetary
                and funding = 'paid'
                and price_total is null
                and input_problem is null
                then cast(1 as numeric(28, 12))
        end as price_per_unit,
        {{ unread_values({
            'funding': 'raw_category',
            'granted_units': 'raw_monetary_amount',
            'custom_units': 'raw_custom_units',
            'price_total': 'raw_cost_basis',
            'known_at': 'raw_created',
            'starts_at': 'raw_effective_at',
            'expires_at': 'raw_expires_at',
            'voided_at': 'raw_voided_at',
            'version_at': 'raw_updated',
        }) }} as unread_values
    from decided

)

select * from final
