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

opening_units as (

    select * from {{ ref('int_opening_units') }}
    where problem is null and not is_twice

),

-- What was used before the books start: the old books earned its breakage.
opened as (

    select
        grants.*,
        case
            when opening_units.grant_id is null then 0
            else greatest(coalesce(grants.granted_units, 0) - opening_units.units, 0)
        end as prior_units,
        case
            when opening_units.grant_id is null then grants.booked_date
            else coalesce({{ accounting_date('grants.effective_at') }}, grants.booked_date)
        end as sold_on
    from grants
    left join opening_units
        on
            grants.source_system = opening_units.source_system
            and grants.grant_id = opening_units.grant_id

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
        {{ accounting_date('sold_until') }} as sold_until_date,
        price_numerator,
        price_denominator,
        booked_date,
        breakage_policy,
        constraint_policy,
        haircut_micro,
        cohort_count,
        remote_after_days,
        jurisdiction,
        {{ term_months('effective_at', 'sold_until') }} as term_months,
        {{ month_of('sold_on') }} as grant_month,
        cast(prior_units as numeric(28, 9)) as prior_units
    from opened

)

select
    *,
    {{ key_hash(['product_id', 'credit_unit', 'funding', 'term_months', 'grant_month']) }}
        as cohort_key
from described
