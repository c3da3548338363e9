-- One row per line that counts and that no exclusion took out in time, with what
-- each policy says of it.
with

lines as (

    select * from {{ ref('int_service_lines') }}
    where line_reason is null

),

exclusions as (

    select * from {{ ref('int_service_line_exclusions') }}
    where not is_closed

),

-- An item that was in the books before its invoice keeps the rule that it had,
-- else the invoice would move what a closed period said.
answered as (

    select
        *,
        coalesce(unbilled_date, booked_date) as first_date,
        coalesce(unbilled_period_index, booked_period_index) as first_period_index,
        {{ schedule_granularity() }} as granularity,
        {{ schedule_rounding() }} as rounding,
        {{ catch_up() }} as catch_up,
        {{ recovery() }} as recovery,
        {{ reversal_timing() }} as reversal_timing,
        {{ allocation() }} as allocation
    from lines

),

final as (

    select answered.*
    from answered
    left join exclusions
        on
            answered.source_system = exclusions.source_system
            and answered.line_id = exclusions.line_id
    where exclusions.line_id is null

)

select * from final
