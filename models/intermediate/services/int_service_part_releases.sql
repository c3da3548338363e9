-- One row per part that is deferred until it is fulfilled: what its fulfilments
-- release up to as_of_date, and ever (all of it, where it has a backstop). For the
-- tie-outs alone.
with

parts as (

    select * from {{ ref('int_service_line_parts') }}
    where treatment = 'defer'

),

fulfilments as (

    select * from {{ ref('int_part_fulfilments') }}

),

backstops as (

    select
        source_system,
        line_id,
        part_number,
        amount_minor as released_minor,
        backstop_on as released_on
    from parts
    where backstop_on is not null

),

releases as (

    select
        source_system,
        line_id,
        part_number,
        coalesce(amount_minor, part_minor) as released_minor,
        fulfilled_on as released_on
    from fulfilments

    union all

    select * from backstops

),

summed as (

    select
        source_system,
        line_id,
        part_number,
        sum(released_minor) as ever_minor,
        sum(
            case
                when released_on <= cast('{{ as_of_date() }}' as date) then released_minor
                else 0
            end
        ) as to_date_minor
    from releases
    group by source_system, line_id, part_number

),

-- Never more than the part, never the other way.
final as (

    select
        parts.source_system,
        parts.line_id,
        parts.part_number,
        cast(
            least(
                greatest(coalesce(summed.ever_minor, 0), least(parts.amount_minor, 0)),
                greatest(parts.amount_minor, 0)
            ) as bigint
        ) as ever_minor,
        cast(
            least(
                greatest(coalesce(summed.to_date_minor, 0), least(parts.amount_minor, 0)),
                greatest(parts.amount_minor, 0)
            ) as bigint
        ) as to_date_minor
    from parts
    left join summed
        on
            parts.source_system = summed.source_system
            and parts.line_id = summed.line_id
            and parts.part_number = summed.part_number

)

select * from final
