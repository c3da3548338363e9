-- One row per event that counts: what of it concerns the lines in the books. Of an
-- invoice that an exclusion keeps out of the books in part, an event concerns that
-- part too: as its split by the source says, and for the rest in proportion to what
-- the two parts bill. What undoes an event concerns what that did.
{{ config(materialized='table') }}

with

events as (

    select * from {{ ref('int_line_events_placed') }}
    where event_reason is null

),

splits as (

    select * from {{ ref('int_line_event_splits_shared') }}

),

named as (

    select
        source_system,
        event_id,
        cast(sum(net_minor + tax_minor + excluded_minor) as bigint) as named_minor,
        cast(sum(excluded_minor) as bigint) as named_excluded_minor
    from splits
    group by source_system, event_id

),

weighed as (

    select
        events.*,
        coalesce(named.named_excluded_minor, 0) as named_excluded_minor,
        greatest(events.whole_minor - coalesce(named.named_minor, 0), 0) as rest_minor
    from events
    left join named
        on
            events.source_system = named.source_system
            and events.event_id = named.event_id

),

shared as (

    select
        *,
        least(named_excluded_minor, whole_minor)
        + {{ share_minor('rest_minor', 'excluded_weight', 'invoice_weight') }}
            as excluded_minor
    from weighed

),

undone as (

    select
        shared.*,
        case
            when restored.whole_minor > 0
                then {{ share_minor(
                    'shared.whole_minor', 'restored.excluded_minor', 'restored.whole_minor'
                ) }}
            else shared.excluded_minor
        end as own_excluded_minor
    from shared
    left join shared as restored
        on
            shared.source_system = restored.source_system
            and shared.restores_event_id = restored.event_id

),

final as (

    select
        source_system,
        source_table,
        source_key,
        event_id,
        event_type,
        restores_event_id,
        scope_id,
        scope_invoice_id,
        line_id,
        payment_id,
        currency,
        settlement_account,
        -- An event of whatever is left has no amount.
        whole_minor - own_excluded_minor as amount_minor,
        own_excluded_minor as excluded_minor,
        effective_on,
        effective_at,
        effective_period_index,
        accounting_period_index
    from undone

)

select * from final
