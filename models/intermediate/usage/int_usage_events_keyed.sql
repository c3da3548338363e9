-- Every raw event with its key: its id, or where it has none a hash of the row.
with

events as (

    select * from {{ ref('int_usage_events_unioned') }}

)

select
    *,
    coalesce(event_id, 'row:' || {{ usage_event_hash() }}) as event_key
from events
