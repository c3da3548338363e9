-- One row per obligation, invoice or customer balance with entries that are not
-- translated, and reason: they stay in the books in their own currency.
with

obligations as (

    select * from {{ ref('int_fx_obligations') }}
    where fx_reason is not null

),

settlements as (

    select * from {{ ref('int_fx_settlements') }}
    where fx_reason is not null

),

found as (

    select
        source_system,
        obligation_type,
        obligation_id,
        currency,
        booked_date,
        fx_reason
    from obligations

    union all

    select
        source_system,
        obligation_type,
        obligation_id,
        currency,
        booked_date,
        fx_reason
    from settlements

),

final as (

    select
        source_system,
        obligation_type,
        obligation_id,
        currency,
        fx_reason,
        min(booked_date) as booked_date
    from found
    group by source_system, obligation_type, obligation_id, currency, fx_reason

)

select * from final
