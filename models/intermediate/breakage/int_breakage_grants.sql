-- One row per grant of which something is released otherwise than at its cost: by use, in
-- proportion, when its use has become remote, or where a law keeps a share. All others
-- are none of the business of this folder.
{{ config(materialized='table') }}

with

grants as (

    select * from {{ ref('int_credit_grants_priced') }}
    where
        presentation = 'deferred'
        and grant_disposition = 'terms'
        and (breakage_policy <> 'at_expiry' or jurisdiction is not null)

),

described as (

    select
        source_system,
        source_table,
        grant_id,
        customer_id,
        coalesce(product_id, '') as product_id,
        coalesce(credit_unit, '') as credit_unit,
        funding,
        currency,
        price_numerator,
        price_denominator,
        booked_date,
        breakage_policy,
        constraint_policy,
        haircut_micro,
        cohort_count,
        remote_after_days,
        jurisdiction,
        {{ term_months('effective_at', 'expires_at') }} as term_months,
        {{ month_of('booked_date') }} as grant_month
    from grants

)

select
    *,
    {{ key_hash(['product_id', 'credit_unit', 'funding', 'term_months', 'grant_month']) }}
        as cohort_key
from described
