-- What each type of ledger row does: the movement of its grant, that movement's rank
-- in book order, the sign of its natural direction, whether it releases units of the
-- grant (1), gives released ones back (-1) or changes what is granted (0), and the
-- event of its journal entry. What is applied to invoices or revoked moves net of
-- what comes back: an invoice may be voided and its credits used again within a month. An
-- expiry that is taken back comes first, so that its units may be used.
with

events (entry_type, event_type, event_rank, direction, release_sign, posted_as) as (

    values
    ('expire_reversal', 'credit_expiry_reversed', 0, 1, -1, 'credit_expiry_reversed'),
    ('grant', 'credit_granted', 1, 1, 0, 'credit_granted'),
    ('adjust', 'credit_adjusted', 2, 1, 0, 'credit_adjusted'),
    ('consume', 'credit_consumed', 4, -1, 1, 'credit_consumed'),
    ('consume_moved_to', 'credit_consumed', 4, -1, 1, 'credit_consumed'),
    ('apply', 'credit_applied', 5, -1, 1, 'credit_applied'),
    ('apply_reversal', 'credit_applied', 5, -1, 1, 'credit_application_reversed'),
    ('consume_reversal', 'credit_consumption_reversed', 6, 1, -1, 'credit_consumption_reversed'),
    ('consume_moved_from', 'credit_consumption_reversed', 6, 1, -1, 'credit_consumption_reversed'),
    ('expire', 'credit_expired', 7, -1, 1, 'credit_expired'),
    ('expire_rest', 'credit_expired', 7, -1, 1, 'credit_expired'),
    ('revoke', 'credit_revoked', 8, -1, 1, 'credit_revoked'),
    ('revoke_reversal', 'credit_revoked', 8, -1, 1, 'credit_revoked'),
    ('refund', 'credit_refunded', 9, -1, 1, 'credit_refunded')

)

select * from events
