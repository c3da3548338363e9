-- The events that may have come before, by their id or by their idempotency key, each
-- with what follows from it. The one recorded first counts, so that a copy that comes
-- later moves nothing. Only these are stored row by row.
{{ config(materialized='table') }}

with

events as (

    select * from {{ ref('int_usage_events_keyed') }}

),

-- The same view twice more, so that the engine reads only the keys for it.
ids as (

    select * from {{ ref('int_usage_events_keyed') }}

),

repeated_ids as (

    select {{ short_hash('event_key') }} as key_hash
    from ids
    group by key_hash
    having count(*) > 1

),

idempotency_keys as (

    select * from {{ ref('int_usage_events_keyed') }}
    where idempotency_key is not null

),

repeated_idempotency_keys as (

    select {{ short_hash(['customer_id', 'idempotency_key']) }} as key_hash
    from idempotency_keys
    group by key_hash
    having count(*) > 1

),

candidates as (

    select
        *,
        {{ usage_event_hash() }} as content_hash
    from events
    where
        {{ short_hash('event_key') }} in (select repeated_ids.key_hash from repeated_ids)
        or {{ short_hash(['customer_id', 'idempotency_key']) }}
        in (select repeated_idempotency_keys.key_hash from repeated_idempotency_keys)

),

numbered as (

    select
        *,
        row_number() over (
            partition by source_system, event_key order by known_at nulls last, content_hash
        ) as copy_number
    from candidates

),

-- What cannot count anyway takes no part in the order of its idempotency key.
ordered as (

    select
        *,
        min(copy_number) over (
            partition by source_system, event_key, content_hash
        ) as first_alike,
        row_number() over (
            partition by
                source_system,
                customer_id,
                idempotency_key,
                event_id is not null and input_problem is null and copy_number = 1
            order by known_at nulls last, content_hash
        ) as key_number
    from numbered

),

final as (

    select
        *,
        case
            when event_id is null then 'missing_id'
            when copy_number > first_alike then 'duplicate'
            when copy_number > 1 then 'duplicate_conflict'
            when idempotency_key is not null and input_problem is null and key_number > 1
                then 'duplicate_idempotency_key'
        end as identity_reason
    from ordered

)

select * from final
