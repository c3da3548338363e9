-- One row per raw row of the service rooms: what became of it.
with

service_rows as (

    select * from {{ ref('int_service_rows') }}

),

reasons as (

    select * from {{ ref('int_ranked_reasons') }}

)

select
    service_rows.source_system,
    service_rows.source_table,
    service_rows.source_key,
    case
        when service_rows.outcome_rank = 0 then 'journaled'
        when service_rows.outcome_rank = 4000 then 'terms'
        else coalesce(reasons.disposition, 'exception')
    end as disposition,
    reasons.reason_code as reason,
    abs(service_rows.quantity) as quantity
from service_rows
left join reasons
    on service_rows.outcome_rank = reasons.outcome_rank
