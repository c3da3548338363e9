-- The moves of int_receivable_moves with what the customer owed before each: also
-- what was written off, until someone pays or voids it.
{{ config(materialized='table') }}

with

moves as (

    select * from {{ ref('int_receivable_moves') }}

),

summed as (

    select
        *,
        coalesce(
            sum(amount_minor) over (
                partition by source_system, invoice_id
                order by move_number
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as known_before,
        max(
            case
                when is_clearing and move_type <> 'uncollectible' then move_number
            end
        ) over (
            partition by source_system, invoice_id
            order by move_number
            rows between unbounded preceding and 1 preceding
        ) as cleared_number,
        min(case when move_type = 'uncollectible' then move_number end) over (
            partition by source_system, invoice_id
        ) as write_off_number
    from moves

),

final as (

    select
        summed.source_system,
        summed.invoice_id,
        summed.move_type,
        summed.move_id,
        summed.move_number,
        summed.amount_minor,
        summed.accounting_period_index,
        summed.effective_period_index,
        summed.effective_at,
        coalesce(summed.move_number > summed.write_off_number, false) as is_written_off,
        cast(summed.known_before - coalesce(cleared.known_before, 0) as bigint) as claim_minor
    from summed
    left join summed as cleared
        on
            summed.source_system = cleared.source_system
            and summed.invoice_id = cleared.invoice_id
            and summed.cleared_number = cleared.move_number

)

select * from final
