with

postings as (

    select
        *,
        cast(null as varchar) as invoice_id
    from {{ ref('int_postings__credit_granted') }}

    union all

    select
        *,
        cast(null as varchar) as invoice_id
    from {{ ref('int_postings__credit_adjusted') }}

    union all

    select
        *,
        cast(null as varchar) as invoice_id
    from {{ ref('int_postings__credit_consumed') }}

    union all

    select
        *,
        cast(null as varchar) as invoice_id
    from {{ ref('int_postings__credit_consumption_reversed') }}

    union all

    select
        *,
        cast(null as varchar) as invoice_id
    from {{ ref('int_postings__credit_expired') }}

    union all

    select
        *,
        cast(null as varchar) as invoice_id
    from {{ ref('int_postings__credit_revoked') }}

    union all

    select
        *,
        cast(null as varchar) as invoice_id
    from {{ ref('int_postings__breakage_recognised') }}

    union all

    select
        *,
        cast(null as varchar) as invoice_id
    from {{ ref('int_postings__credit_unclaimed') }}

    union all

    select
        *,
        cast(null as varchar) as invoice_id
    from {{ ref('int_postings__credit_usage_refunded') }}

    union all

    select * from {{ ref('int_postings__credit_applied') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

final as (

    select
        grants.entity_id,
        postings.source_system,
        'credit_grant' as obligation_type,
        postings.obligation_id,
        grants.customer_id,
        grants.product_id,
        postings.event_type,
        postings.accounting_period_index,
        postings.effective_period_index,
        postings.booked_date,
        postings.last_date,
        postings.debit_account,
        postings.credit_account,
        postings.value_minor,
        grants.currency,
        grants.minor_unit,
        postings.units,
        postings.source_entry_count,
        postings.policy,
        postings.invoice_id,
        cast(null as varchar) as settled_currency,
        cast(null as bigint) as settled_minor
    from postings
    inner join grants
        on
            postings.source_system = grants.source_system
            and postings.obligation_id = grants.grant_id

)

select * from final
