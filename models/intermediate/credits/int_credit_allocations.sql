-- One row per use that names no grant and grant from which it is drawn. Within a step
-- the uses, in book order, and the draws, in burn order, are laid along one axis of
-- units. Every end of one of them closes a piece: it belongs to the use and to the
-- draw whose ends come next, itself included. Read from the far end, that is a running
-- minimum, so nothing is joined by ranges.
{{ config(materialized='table') }}

with

uses as (

    select * from {{ ref('int_credit_pool_uses') }}

),

steps as (

    select * from {{ ref('int_credit_pool_steps') }}

),

draws as (

    select * from {{ ref('int_credit_draws') }}

),

lots as (

    select * from {{ ref('int_credit_pool_lots') }}

),

ends as (

    select
        steps.pool_number,
        steps.step,
        uses.use_number,
        cast(null as integer) as burn_rank,
        sum(uses.units) over (
            partition by steps.pool_number, steps.step order by uses.use_number
            rows between unbounded preceding and current row
        ) as ends_at_unit
    from uses
    inner join steps
        on
            uses.pool_number = steps.pool_number
            and uses.accounting_period_index = steps.accounting_period_index
            and uses.slot = steps.slot

    union all

    select
        pool_number,
        step,
        cast(null as bigint) as use_number,
        burn_rank,
        sum(units) over (
            partition by pool_number, step order by burn_rank
            rows between unbounded preceding and current row
        ) as ends_at_unit
    from draws

),

pieces as (

    select
        pool_number,
        min(use_number) over from_the_end as use_number,
        min(burn_rank) over from_the_end as burn_rank,
        ends_at_unit,
        ends_at_unit - lead(ends_at_unit, 1, 0) over from_the_end as units
    from ends
    window from_the_end as (
        partition by pool_number, step
        order by ends_at_unit desc, use_number desc nulls last, burn_rank desc
        rows between unbounded preceding and current row
    )

),

final as (

    select
        uses.source_system,
        uses.source_table,
        uses.source_key,
        lots.grant_id,
        cast(row_number() over (
            partition by pieces.use_number order by pieces.ends_at_unit
        ) as integer) as piece_number,
        cast(pieces.units as numeric(28, 9)) as units
    from pieces
    inner join uses
        on pieces.use_number = uses.use_number
    inner join lots
        on
            pieces.pool_number = lots.pool_number
            and pieces.burn_rank = lots.burn_rank
    where pieces.units > 0

)

select * from final
