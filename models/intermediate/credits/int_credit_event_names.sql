-- One row per journal event of a grant: its rank in book order, and the tie-out
-- that reads it with the sign that it has there.
with

events as (

    select * from {{ ref('int_credit_events') }}

),

named as (

    select
        event_rank,
        event_type,
        release_sign
    from events
    group by event_rank, event_type, release_sign

)

select
    event_rank,
    event_type,
    release_sign,
    case event_type
        when 'credit_granted' then 'T3_additions'
        when 'credit_adjusted' then 'T3_additions'
        when 'credit_consumed' then 'T1_consumption'
        when 'credit_consumption_reversed' then 'T1_consumption'
        when 'credit_applied' then 'T4_applied'
        when 'credit_expired' then 'T4_expired'
        when 'credit_expiry_reversed' then 'T4_expired'
        when 'credit_revoked' then 'T4_revoked'
        when 'credit_refunded' then 'T4_refunded'
    end as tie_out,
    case release_sign when -1 then -1 else 1 end as tie_out_sign
from named
