-- One row per raw row of the service rooms, with the rank of its disposition: that
-- of its strongest canonical row (0: in the books, 4000: it only gives terms). Copies
-- of an id are rows of their own. A reason that nobody described is a fault.
with

row_reasons as (

    select * from {{ ref('int_service_row_reasons') }}

),

reasons as (

    select * from {{ ref('int_ranked_reasons') }}

),

ranked as (

    select
        row_reasons.*,
        case
            when row_reasons.reason is not null then coalesce(reasons.outcome_rank, 1000)
            when row_reasons.is_journaled then 0
            else 4000
        end as outcome_rank,
        coalesce(
            row_reasons.reason in (
                'duplicate', 'duplicate_conflict', 'superseded_version', 'missing_id'
            ),
            false
        ) as is_copy
    from row_reasons
    left join reasons
        on row_reasons.reason = reasons.reason_code

),

final as (

    select
        source_system,
        source_table,
        source_key,
        outcome_rank,
        quantity
    from ranked
    where is_copy

    union all

    select
        source_system,
        source_table,
        source_key,
        min(outcome_rank) as outcome_rank,
        max(quantity) as quantity
    from ranked
    where not is_copy
    group by source_system, source_table, source_key

)

select * from final
