-- One row per fulfilment and part that waits for it: what it releases (null: all
-- that is left), and where. Policy catch_up may move what was fulfilled before the
-- line was booked into the period of the booking.
with

fulfilments as (

    select * from {{ ref('int_fulfilments') }}
    where fulfilment_reason is null

),

parts as (

    select
        *,
        case
            when catch_up = 'in_booked_period'
                then coalesce(unbilled_effective_index, booked_effective_index)
        end as floor_index
    from {{ ref('int_service_line_parts') }}
    where treatment = 'defer'

)

select
    fulfilments.source_system,
    fulfilments.source_table,
    fulfilments.source_key,
    fulfilments.fulfilment_id,
    fulfilments.fulfilled_on,
    fulfilments.amount_minor,
    parts.line_id,
    parts.part_number,
    parts.obligation_id,
    parts.minor_unit,
    parts.amount_minor as part_minor,
    greatest(fulfilments.effective_period_index, parts.floor_index) as effective_period_index,
    greatest(fulfilments.accounting_period_index, parts.floor_index)
        as accounting_period_index
from fulfilments
inner join parts
    on
        fulfilments.source_system = parts.source_system
        and fulfilments.line_id = parts.line_id
