-- The moves of int_receivable_moves with what the customer owed before each (also
-- what was written off, until someone pays or voids it) and what of it the journal
-- holds as receivable. A payment of what was written off recovers it: first it pays
-- what is receivable, then what was given up. A credit note takes them in that order.
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
        max(case when move_type = 'void' then move_number else 0 end) over (
            partition by source_system, invoice_id
            order by move_number
            rows between unbounded preceding and 1 preceding
        ) as voided_number,
        -- An invoice is written off once.
        min(case when move_type = 'uncollectible' then move_number end) over (
            partition by source_system, invoice_id
        ) as write_off_number
    from moves

),

claimed as (

    select
        summed.*,
        summed.move_number > summed.write_off_number
        and coalesce(summed.voided_number, 0) < summed.write_off_number as is_written_off,
        cast(summed.known_before - coalesce(cleared.known_before, 0) as bigint) as claim_minor
    from summed
    left join summed as cleared
        on
            summed.source_system = cleared.source_system
            and summed.invoice_id = cleared.invoice_id
            and summed.cleared_number = cleared.move_number

),

-- Less is owed than was written off: so much less can be recovered.
bounded as (

    select
        *,
        min(case when move_number >= write_off_number then greatest(claim_minor, 0) end) over (
            partition by source_system, invoice_id
            order by move_number
            rows between unbounded preceding and current row
        ) as lowest_claim,
        max(case when move_number = write_off_number then greatest(claim_minor, 0) end) over (
            partition by source_system, invoice_id
        ) as write_off_minor,
        max(case when move_number = write_off_number then move_id end) over (
            partition by source_system, invoice_id
        ) as write_off_id
    from claimed

),

recovered as (

    select
        *,
        case
            when
                is_written_off
                and move_type in (
                    'payment', 'out_of_band_payment', 'balance_applied', 'credit_applied',
                    'credit_note'
                )
                then
                    lowest_claim
                    - least(
                        lowest_claim,
                        greatest(claim_minor + coalesce(amount_minor, -claim_minor), 0)
                    )
            else 0
        end as recovered_minor
    from bounded

),

final as (

    select
        source_system,
        invoice_id,
        move_type,
        move_id,
        move_number,
        amount_minor,
        accounting_period_index,
        effective_period_index,
        effective_at,
        is_settled,
        coalesce(is_written_off, false) as is_written_off,
        write_off_id,
        claim_minor,
        cast(recovered_minor as bigint) as recovered_minor,
        cast(
            claim_minor - case
                when is_written_off
                    then
                        write_off_minor - coalesce(
                            sum(recovered_minor) over (
                                partition by source_system, invoice_id
                                order by move_number
                                rows between unbounded preceding and 1 preceding
                            ),
                            0
                        )
                else 0
            end as bigint
        ) as receivable_minor
    from recovered

)

select * from final
