with

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

lines as (

    select * from {{ ref('int_service_lines') }}
    where line_reason is null

),

settlements as (

    select * from {{ ref('int_settlements') }}
    where settlement_reason is null

),

usage_periods as (

    select * from {{ ref('int_usage_periods') }}

),

known_customers as (

    select
        source_system,
        customer_id,
        count(*) as grant_count,
        0 as line_count,
        min(booked_date) as first_booked_date
    from grants
    group by source_system, customer_id

    union all

    select
        source_system,
        customer_id,
        0 as grant_count,
        count(*) as line_count,
        min(coalesce(unbilled_date, booked_date)) as first_booked_date
    from lines
    group by source_system, customer_id

    union all

    select
        source_system,
        customer_id,
        0 as grant_count,
        0 as line_count,
        cast(null as date) as first_booked_date
    from settlements
    group by source_system, customer_id

    union all

    select
        source_system,
        customer_id,
        0 as grant_count,
        0 as line_count,
        min(starts_on) as first_booked_date
    from usage_periods
    group by source_system, customer_id

),

final as (

    select
        {{ key_hash(['source_system', 'customer_id']) }} as customer_key,
        source_system,
        customer_id,
        cast(sum(grant_count) as bigint) as grant_count,
        cast(sum(line_count) as bigint) as line_count,
        min(first_booked_date) as first_booked_date
    from known_customers
    where customer_id is not null
    group by source_system, customer_id

)

select * from final
