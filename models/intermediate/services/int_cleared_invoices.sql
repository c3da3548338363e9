-- One row per invoice of which something took whatever was left (a void, a
-- write-off, a payment outside the source): what happened to its receivable since.
-- Payments of what was written off bring the receivable back that they pay.
with

moves as (

    select * from {{ ref('int_invoice_credits_and_payments') }}

),

statements as (

    select * from {{ ref('int_invoice_statements') }}

),

clearing as (

    select
        source_system,
        invoice_id
    from moves
    where amount_minor is null
    group by source_system, invoice_id

),

numbered as (

    select
        moves.*,
        row_number() over (
            partition by moves.source_system, moves.invoice_id
            order by
                moves.accounting_period_index,
                moves.effective_period_index,
                moves.effective_at,
                case when moves.amount_minor is null then 1 else 0 end
        ) as move_number
    from moves
    inner join clearing
        on
            moves.source_system = clearing.source_system
            and moves.invoice_id = clearing.invoice_id

),

marked as (

    select
        *,
        max(case when amount_minor is null and kind <> 'write_off' then move_number else 0 end)
            over (partition by source_system, invoice_id) as cleared_number,
        min(case when kind = 'write_off' then move_number end)
            over (partition by source_system, invoice_id) as write_off_number
    from numbered

),

summed as (

    select
        source_system,
        invoice_id,
        max(cleared_number) as cleared_number,
        coalesce(max(write_off_number) > max(cleared_number), false) as is_written_off,
        sum(case when move_number > cleared_number then coalesce(amount_minor, 0) else 0 end)
            as taken_since_minor,
        sum(
            case
                when move_number > cleared_number and move_number < write_off_number
                    then amount_minor
                else 0
            end
        ) as taken_before_write_off_minor,
        sum(
            case
                when move_number > write_off_number and kind = 'payment'
                    then coalesce(amount_minor, 0)
                else 0
            end
        ) as paid_after_write_off_minor,
        sum(
            case
                when move_number > write_off_number and kind <> 'payment'
                    then coalesce(amount_minor, 0)
                else 0
            end
        ) as credited_after_write_off_minor
    from marked
    group by source_system, invoice_id

),

written_off as (

    select
        summed.*,
        case when summed.cleared_number = 0 then statements.lines_minor else 0 end
        - summed.taken_before_write_off_minor as written_off_minor
    from summed
    inner join statements
        on
            summed.source_system = statements.source_system
            and summed.invoice_id = statements.invoice_id

)

select
    source_system,
    invoice_id,
    cast(
        case
            when is_written_off
                then
                    -greatest(paid_after_write_off_minor - written_off_minor, 0)
                    - credited_after_write_off_minor
            else -taken_since_minor
        end as bigint
    ) as receivable_minor
from written_off
