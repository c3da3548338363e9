-- One row per event and account that takes the part of it (or gives it back) which
-- the lines in the books do not have: exclusion for the share of what finance
-- excluded, other_loss for what is more than the invoice.
with

events as (

    select * from {{ ref('int_line_events') }}
    where
        event_type not in ('write_off_voided', 'write_off_credited')
        and amount_minor is not null

),

reversals as (

    select * from {{ ref('int_reversals') }}

),

taken as (

    select
        source_system,
        event_id,
        sum(share_minor) as share_minor
    from reversals
    group by source_system, event_id

),

lost as (

    select
        events.*,
        'other_loss' as loss_account,
        case when events.is_restore then -1 else 1 end * events.amount_minor
        - coalesce(taken.share_minor, 0) as excess_minor
    from events
    left join taken
        on
            events.source_system = taken.source_system
            and events.event_id = taken.event_id

),

final as (

    select * from lost

    union all

    select
        *,
        'exclusion' as loss_account,
        case when is_restore then -1 else 1 end * excluded_minor as excess_minor
    from events
    where settlement_account <> 'accounts_receivable'

)

select * from final
where excess_minor <> 0
