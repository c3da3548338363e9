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

cohorts as (

    select * from {{ ref('int_breakage_cohorts') }}

),

opening_units as (

    select * from {{ ref('int_opening_units') }}
    where problem is null and not is_twice

),

final as (

    select
        grants.source_system,
        grants.source_table,
        grants.grant_id,
        grants.customer_id,
        cohorts.product_id,
        cohorts.credit_unit,
        grants.funding,
        grants.currency,
        cohorts.ends_on as sold_until_date,
        grants.price_numerator,
        grants.price_denominator,
        cohorts.sold_on,
        cohorts.has_opening_units,
        grants.breakage_policy,
        grants.constraint_policy,
        grants.haircut_micro,
        grants.cohort_count,
        grants.remote_after_days,
        grants.jurisdiction,
        grants.revocation_policy,
        cohorts.term_months,
        cohorts.grant_month,
        cohorts.kind_key,
        cohorts.cohort_key,
        -- What was used before the books start: the old books earned its breakage.
        cast(
            case
                when opening_units.grant_id is null then 0
                else greatest(coalesce(grants.sold_units, 0) - opening_units.units, 0)
            end as numeric(28, 9)
        ) as prior_units
    from grants
    inner join cohorts
        on
            grants.source_system = cohorts.source_system
            and grants.grant_id = cohorts.grant_id
    left join opening_units
        on
            grants.source_system = opening_units.source_system
            and grants.grant_id = opening_units.grant_id

)

select * from final
