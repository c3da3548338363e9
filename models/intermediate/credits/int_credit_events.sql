-- What each type of ledger row does: its journal event, its rank in book order
-- and the sign of its natural direction.
with

events (entry_type, event_type, event_rank, direction) as (

    values
    ('grant', 'credit_granted', 1, 1),
    ('adjust', 'credit_adjusted', 2, 1),
    ('consume', 'credit_consumed', 3, -1),
    ('consume_moved_to', 'credit_consumed', 3, -1),
    ('consume_reversal', 'credit_consumption_reversed', 4, 1),
    ('consume_moved_from', 'credit_consumption_reversed', 4, 1),
    ('expire', 'credit_expired', 5, -1),
    ('revoke', 'credit_revoked', 6, -1)

)

select * from events
