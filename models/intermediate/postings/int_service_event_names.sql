-- One row per kind of event: the name of its entries, and the account that takes
-- what was recognised before.
select
    'refund' as event_type,
    'service_refunded' as entry_type,
    'refunds' as contra_account

union all

select
    'refund_failed' as event_type,
    'service_refund_failed' as entry_type,
    'refunds' as contra_account

union all

select
    'dispute' as event_type,
    'service_disputed' as entry_type,
    'disputes' as contra_account

union all

select
    'dispute_won' as event_type,
    'service_dispute_won' as entry_type,
    'disputes' as contra_account

union all

select
    'credit_note' as event_type,
    'service_credited' as entry_type,
    'credit_notes' as contra_account

union all

select
    'credit_note_voided' as event_type,
    'service_credit_note_voided' as entry_type,
    'credit_notes' as contra_account

union all

select
    'void' as event_type,
    'service_voided' as entry_type,
    'voids' as contra_account

union all

select
    'uncollectible' as event_type,
    'service_written_off' as entry_type,
    'bad_debt' as contra_account

union all

select
    'recovered' as event_type,
    'service_recovered' as entry_type,
    'bad_debt' as contra_account

union all

select
    'write_off_voided' as event_type,
    'service_write_off_voided' as entry_type,
    'voids' as contra_account

union all

select
    'write_off_credited' as event_type,
    'service_write_off_credited' as entry_type,
    'credit_notes' as contra_account

union all

select
    'item_deleted' as event_type,
    'service_item_deleted' as entry_type,
    'unbilled_voids' as contra_account

union all

select
    'exclusion' as event_type,
    'service_excluded' as entry_type,
    'voids' as contra_account
