-- Contra revenue, alone and with what comes off deferred revenue, never exceeds the
-- part of the invoice that it takes back: the rest is other_loss. Nor is more given
-- back than was taken. (Contra alone may be negative: what was taken off deferred
-- revenue and is restored after the service ended comes back as contra.)
{{ config(group='revrec') }}

with

parts as (

    select * from {{ ref('int_service_line_parts') }}
    where is_scheduled

),

effects as (

    select * from {{ ref('int_service_line_effects') }}
    where contra_minor <> 0 or reversed_deferred_minor <> 0

),

compared as (

    select
        effects.source_system,
        effects.obligation_id,
        parts.invoice_id,
        parts.amount_minor,
        effects.contra_minor,
        effects.reversed_deferred_minor,
        {{ sign_of('parts.amount_minor') }} as direction
    from effects
    left join parts
        on
            effects.source_system = parts.source_system
            and effects.obligation_id = parts.obligation_id

)

select *
from compared
where
    amount_minor is null
    or direction * contra_minor > abs(amount_minor)
    or direction * (contra_minor + reversed_deferred_minor) < 0
    or direction * (contra_minor + reversed_deferred_minor) > abs(amount_minor)
