-- One row per raw table, disposition and reason of the service rooms: how many raw
-- rows they are.
{{ config(materialized='table') }}

with

row_dispositions as (

    select * from {{ ref('int_service_row_dispositions') }}

)

select
    source_system,
    source_table,
    disposition,
    reason,
    count(*) as row_count
from row_dispositions
group by source_system, source_table, disposition, reason
