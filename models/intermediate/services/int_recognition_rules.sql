-- One row per row of the seed recognition_rules: its rule and its part numbered,
-- and what is wrong with it. Only rules without any problem count; a singular
-- test stops the build where there is one.
{{ config(materialized='table') }}

with

read_rows as (

    select * from {{ ref('int_recognition_rules_read') }}
    where not {{ is_known_later('known_at') }}

),

known_floors as (

    select * from {{ ref('int_known_floors') }}

),

-- Engines write decimals in different ways, so only integers are hashed.
typed as (

    select
        rule_name,
        cast(rule_priority as bigint) as rule_priority,
        effective_from,
        effective_to,
        known_at,
        source_system,
        currency,
        product_id,
        price_id,
        customer_id,
        email_contains,
        description_contains,
        amount_equals,
        has_period,
        treatment,
        cast(allocation_percent * 1000000 as bigint) as percent_millionths,
        cast(start_offset as integer) as start_offset,
        start_offset_unit,
        cast(duration as integer) as duration,
        duration_unit,
        recognise_on,
        cast(backstop_months as integer) as backstop_months,
        row_problem
    from read_rows

),

hashed as (

    select
        *,
        {{ key_hash([
            'rule_priority', 'effective_from', 'effective_to', epoch_microseconds('known_at'),
            'source_system', 'currency', 'product_id', 'price_id', 'customer_id',
            'email_contains', 'description_contains',
            'cast(amount_equals * 10000 as bigint)',
            'case when has_period then 1 when not has_period then 0 end',
        ]) }} as conditions_hash,
        {{ key_hash([
            'treatment', 'start_offset', 'start_offset_unit', 'duration', 'duration_unit',
            'recognise_on', 'backstop_months',
        ]) }} as treatment_hash,
        {{ key_hash(['rule_name']) }} as rule_hash,
        -- Revenue first, so that the line keeps its own id.
        case treatment
            when 'amortise_service_period' then 1
            when 'amortise_custom_period' then 2
            when 'at_point_in_time' then 3
            when 'defer' then 4
            when 'credit_purchase' then 5
            when 'passthrough' then 6
            when 'tax' then 7
            else 8
        end as treatment_rank
    from typed

),

numbered as (

    select
        *,
        dense_rank() over (
            order by rule_priority, effective_from nulls first, rule_hash
        ) as rule_number,
        row_number() over (
            partition by rule_hash
            order by treatment_rank asc, percent_millionths desc, treatment_hash asc
        ) as part_number,
        count(*) over (partition by rule_hash) as part_count,
        count(*) over (partition by rule_hash, treatment_hash) as copies,
        sum(percent_millionths) over (partition by rule_hash) as rule_millionths,
        sum(case treatment when 'defer' then 1 else 0 end) over (partition by rule_hash)
            as defer_count,
        min(conditions_hash) over (partition by rule_hash)
        = max(conditions_hash) over (partition by rule_hash) as is_one_rule
    from hashed

),

overlapping as (

    select
        one.rule_hash,
        min(other.rule_name) as other_rule
    from numbered as one
    inner join numbered as other
        on
            one.rule_priority = other.rule_priority
            and one.rule_hash <> other.rule_hash
            and coalesce(one.effective_from, cast('0001-01-01' as date))
            < coalesce(other.effective_to, cast('9999-12-31' as date))
            and coalesce(other.effective_from, cast('0001-01-01' as date))
            < coalesce(one.effective_to, cast('9999-12-31' as date))
    group by one.rule_hash

),

judged as (

    select
        numbered.*,
        known_floors.first_open_period_index as known_floor_index,
        case
            when numbered.row_problem is not null then numbered.row_problem
            when known_floors.first_open_period_index is null
                then 'known_at is outside 1900 to 2199'
            when not numbered.is_one_rule
                then 'rows of one rule_name differ in more than their treatment'
            when numbered.defer_count > 1
                then 'a fulfilment cannot tell two parts with treatment defer apart'
            when numbered.copies > 1 then 'several rows of the rule have the same treatment'
            when numbered.rule_millionths <> 100000000
                then 'the percentages of the rule do not sum to 100'
            when overlapping.other_rule is not null
                then 'same priority and overlapping effective period as ' || overlapping.other_rule
        end as problem
    from numbered
    left join overlapping
        on numbered.rule_hash = overlapping.rule_hash
    left join known_floors
        on
            cast(numbered.known_at as date) = known_floors.known_date
            and numbered.known_at >= known_floors.known_from
            and numbered.known_at < known_floors.known_to

)

select
    *,
    max(case when problem is not null then 1 else 0 end) over (partition by rule_hash) = 0
        as is_valid
from judged
