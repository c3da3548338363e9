-- One row per journal event of a grant: its rank in book order, and the tie-out
-- that reads it with the sign that it has there.
with

events as (

    select * from {{ ref('int_credit_events') }}

),

named as (

    select
        event_rank,
        event_type
    from events
    group by event_rank, event_type

)

select
    event_rank,
    event_type,
    case event_type
        when 'credit_granted' then 'T3_additions'
        when 'credit_adjusted' then 'T3_additions'
        when 'credit_consumed' then 'T1_consumption'
        when 'credit_consumption_reversed' then 'T1_consumption'
        when 'credit_expired' then 'T4_expired'
        when 'credit_revoked' then 'T4_revoked'
    end as tie_out,
    case event_type when 'credit_consumption_reversed' then -1 else 1 end as tie_out_sign
from named
