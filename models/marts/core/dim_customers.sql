with

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

final as (

    select
        {{ key_hash(['source_system', 'customer_id']) }} as customer_key,
        source_system,
        customer_id,
        count(*) as grant_count,
        min(booked_date) as first_booked_date
    from grants
    where customer_id is not null
    group by source_system, customer_id

)

select * from final
