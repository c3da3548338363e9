-- One row per moment of int_breakage_terms: breakage to date, how much of it is ahead of
-- expiry, how much is revenue, what is held of it for a law, and what of that is unclaimed
-- property by now. Nothing here looks at an earlier moment but a period that has not ended:
-- it makes no new estimate, and keeps of the last one what still remains.
{{ config(materialized='table') }}

with

terms as (

    select * from {{ ref('int_breakage_terms') }}

),

grants as (

    select * from {{ ref('int_breakage_grants') }}

),

scaled as (

    select
        terms.*,
        grants.price_numerator,
        grants.price_denominator,
        {{ nano_units('terms.granted_units') }} as granted_nano,
        {{ nano_units('terms.exercised_units') }} as exercised_nano
    from terms
    inner join grants
        on
            terms.source_system = grants.source_system
            and terms.grant_id = grants.grant_id

),

estimated as (

    select
        *,
        case
            when breakage_policy = 'remote' and is_remote then remaining_minor
            when breakage_policy = 'proportional' and rate_micro is not null
                then {{ breakage_ahead_minor(
                    'exercised_nano', 'granted_nano', 'rate_micro', 'price_numerator', 'price_denominator',
                    'expired_minor', 'remaining_minor'
                ) }}
            else 0
        end as estimated_minor,
        max(case when has_ended then period_index end) over (
            partition by source_system, grant_id
        ) as last_ended_index
    from scaled

),

kept as (

    select
        *,
        coalesce(
            max(case when period_index = last_ended_index then estimated_minor end) over (
                partition by source_system, grant_id
            ), 0
        ) as last_estimated_minor
    from estimated

),

ahead as (

    select
        *,
        case
            when has_ended then estimated_minor
            else least(last_estimated_minor, remaining_minor)
        end as ahead_minor
    from kept

),

shared as (

    select
        *,
        expired_minor + ahead_minor as breakage_minor,
        1000000 - share_micro as revenue_micro,
        1000000 as whole_micro
    from ahead

),

divided as (

    select
        *,
        {{ share_minor('breakage_minor', 'revenue_micro', 'whole_micro') }} as revenue_minor
    from shared

),

final as (

    select
        *,
        case
            when counted_from = 'expiry' and remaining_units > 0 then 0
            when
                {{ add_days(
                    "case counted_from when 'expiry' then expired_on else active_on end",
                    'dormancy_days'
                ) }} <= seen_on
                then breakage_minor - revenue_minor
            else 0
        end as unclaimed_minor
    from divided

)

select * from final
