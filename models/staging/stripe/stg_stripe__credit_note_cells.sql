{{ config(enabled='stripe' in var('sources') | string) }}

-- The lines of a credit note, net and tax, divided over its parts: one row per part,
-- credit note line and kind of amount.
-- From the last part to the first: what all parts up to this one have of a cell is
-- the part's share in what all up to the next one have, by largest remainder. So each
-- part and each line comes out exactly and no share has another sign than its cell.
with recursive

note_lines as (

    select * from {{ ref('stg_stripe__credit_note_line_states') }}
    where line_reason is null

),

parts as (

    select
        credit_note_id,
        event_id,
        row_number() over (partition by credit_note_id order by part_number)
            as sequence_number,
        count(*) over (partition by credit_note_id) as part_count,
        cast(
            sum(part_amount) over (
                partition by credit_note_id
                order by part_number
                rows between unbounded preceding and current row
            ) as {{ type_integer() }}
        ) as amount_up_to
    from {{ ref('stg_stripe__credit_note_parts') }}

),

cells as (

    select
        source_key,
        credit_note_id,
        'net' as kind,
        cast(amount as {{ type_integer() }}) as amount,
        cast(lines_amount as {{ type_integer() }}) as lines_amount
    from note_lines

    union all

    select
        source_key,
        credit_note_id,
        'tax' as kind,
        cast(tax_amount as {{ type_integer() }}) as amount,
        cast(lines_amount as {{ type_integer() }}) as lines_amount
    from note_lines

),

shares as (

    select
        cells.source_key,
        cells.credit_note_id,
        cells.kind,
        cast(null as varchar) as event_id,
        parts.part_count + 1 as sequence_number,
        cells.amount,
        cells.lines_amount as total
    from cells
    inner join parts
        on
            cells.credit_note_id = parts.credit_note_id
            and parts.sequence_number = 1

    union all

    select
        divided.source_key,
        divided.credit_note_id,
        divided.kind,
        divided.event_id,
        divided.sequence_number,
        -- What the shares, cut off, leave over goes to the largest remainders.
        cast(
            divided.share + case
                when
                    row_number()
                        over (
                            partition by divided.credit_note_id
                            order by
                                divided.remainder desc, divided.source_key asc, divided.kind asc
                        )
                    + sum(divided.share)
                        over (partition by divided.credit_note_id)
                    <= divided.wanted
                    then 1
                else 0
            end as {{ type_integer() }}
        ) as amount,
        divided.wanted as total
    from (
        select
            shares.source_key,
            shares.credit_note_id,
            shares.kind,
            parts.event_id,
            parts.sequence_number,
            parts.amount_up_to as wanted,
            {{ floor_divide('shares.amount * parts.amount_up_to', 'shares.total') }} as share,
            shares.amount * parts.amount_up_to
            - {{ floor_divide('shares.amount * parts.amount_up_to', 'shares.total') }}
            * shares.total as remainder
        from shares
        inner join parts
            on
                shares.credit_note_id = parts.credit_note_id
                and shares.sequence_number = parts.sequence_number + 1
    ) as divided

),

final as (

    select
        source_key,
        event_id,
        kind,
        amount - coalesce(
            lag(amount) over (partition by source_key, kind order by sequence_number), 0
        ) as amount
    from shares
    where event_id is not null

)

select * from final
