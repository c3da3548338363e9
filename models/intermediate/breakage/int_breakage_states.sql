-- One row per moment of int_breakage_terms: breakage to date, how much of it is ahead of
-- expiry, how much is revenue, and what is unclaimed property by now. An earlier moment
-- counts twice: a period that has not ended makes no new estimate, and keeps of the last
-- one what still remains; and what has once become unclaimed property stays it, as far as
-- the law's share of what nobody has used reaches.
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

-- A law asks for its share of no more than was granted, also where units were adjusted
-- away after they had expired.
shared as (

    select
        *,
        expired_minor + ahead_minor as breakage_minor,
        least(expired_minor + ahead_minor, greatest(granted_minor, 0)) as lost_minor,
        least(expired_minor + remaining_minor, greatest(granted_minor, 0)) as unexercised_minor,
        1000000 - share_micro as revenue_micro,
        1000000 as whole_micro
    from ahead

),

divided as (

    select
        *,
        breakage_minor - lost_minor
        + {{ share_minor('lost_minor', 'revenue_micro', 'whole_micro') }} as revenue_minor,
        unexercised_minor
        - {{ share_minor('unexercised_minor', 'revenue_micro', 'whole_micro') }} as claimable_minor
    from shared

),

dormant as (

    select
        *,
        case
            when counted_from = 'expiry' and remaining_units > 0 then 0
            when
                {{ add_days(
                    "case counted_from when 'expiry' then expired_on else active_on end",
                    'dormancy_days'
                ) }} <= seen_on
                then 1
            else 0
        end as is_dormant
    from divided

),

-- From each moment at which it is dormant to the next.
since as (

    select
        *,
        sum(is_dormant) over (
            partition by source_system, grant_id
            order by period_index
            rows between unbounded preceding and current row
        ) as dormant_count
    from dormant

),

final as (

    select
        *,
        case
            when dormant_count = 0 then 0
            else min(claimable_minor) over (
                partition by source_system, grant_id, dormant_count
                order by period_index
                rows between unbounded preceding and current row
            )
        end as unclaimed_minor
    from since

)

select * from final
