-- What each type of ledger row does: its journal event, its rank in book order,
-- the sign of its natural direction, and whether it releases units of the grant
-- (1), gives released ones back (-1) or changes what is granted (0).
with

events (entry_type, event_type, event_rank, direction, release_sign) as (

    values
    ('grant', 'credit_granted', 1, 1, 0),
    ('adjust', 'credit_adjusted', 2, 1, 0),
    ('expire_reversal', 'credit_expiry_reversed', 3, 1, -1),
    ('consume', 'credit_consumed', 4, -1, 1),
    ('consume_moved_to', 'credit_consumed', 4, -1, 1),
    ('apply', 'credit_applied', 5, -1, 1),
    ('consume_reversal', 'credit_consumption_reversed', 6, 1, -1),
    ('consume_moved_from', 'credit_consumption_reversed', 6, 1, -1),
    ('apply_reversal', 'credit_application_reversed', 7, 1, -1),
    ('expire', 'credit_expired', 8, -1, 1),
    ('expire_rest', 'credit_expired', 8, -1, 1),
    ('revoke', 'credit_revoked', 9, -1, 1),
    ('refund', 'credit_refunded', 10, -1, 1)

)

select * from events
