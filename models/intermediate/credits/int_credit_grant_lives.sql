-- One row per grant with movements: from the period of its first movement to
-- the one in which its units finally are zero; while they are not, to the
-- period of as_of_date or of the last movement.
with

changes as (

    select * from {{ ref('int_credit_grant_period_changes') }}

),

as_of_period as (

    select * from {{ ref('int_as_of_period') }}

),

final as (

    select
        changes.source_system,
        changes.grant_id,
        min(changes.accounting_period_index) as first_period_index,
        case
            when sum(changes.change_units) = 0 then max(changes.accounting_period_index)
            else greatest(
                max(changes.accounting_period_index), max(as_of_period.period_index)
            )
        end as last_period_index
    from changes
    cross join as_of_period
    group by changes.source_system, changes.grant_id

)

select * from final
