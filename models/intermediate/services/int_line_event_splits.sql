-- One row per event, line and kind of part (net or tax) that the source itself
-- split. What restores an event is split as that event was, unless the source says
-- otherwise.
with

splits as (

    select * from {{ ref('int_line_event_splits_unioned') }}
    where row_reason is null

),

events as (

    select * from {{ ref('int_line_events') }}

),

currencies as (

    select * from {{ ref('int_currencies') }}

),

split_events as (

    select distinct
        source_system,
        event_id
    from splits

),

followed as (

    select
        events.source_system,
        events.event_id,
        coalesce(split_events.event_id, events.restores_event_id) as split_event_id
    from events
    left join split_events
        on
            events.source_system = split_events.source_system
            and events.event_id = split_events.event_id

),

kinds as (

    select
        source_system,
        event_id,
        line_id,
        currency,
        amount_scale,
        'net' as part_kind,
        amount
    from splits

    union all

    select
        source_system,
        event_id,
        line_id,
        currency,
        amount_scale,
        'tax' as part_kind,
        tax_amount as amount
    from splits

),

measured as (

    select
        kinds.*,
        currencies.minor_units,
        case kinds.amount_scale
            when 'stripe_minor' then currencies.stripe_minor_units
            else 1
        end as source_units
    from kinds
    inner join currencies
        on kinds.currency = currencies.currency

),

scaled as (

    select
        *,
        {{ books_minor('amount', 'minor_units', 'source_units') }} as amount_minor
    from measured

)

select
    followed.source_system,
    followed.event_id,
    scaled.line_id,
    scaled.part_kind,
    cast(sum(scaled.amount_minor) as bigint) as amount_minor
from followed
inner join scaled
    on
        followed.source_system = scaled.source_system
        and followed.split_event_id = scaled.event_id
where scaled.amount_minor <> 0
group by followed.source_system, followed.event_id, scaled.line_id, scaled.part_kind
