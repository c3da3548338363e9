-- The deferred revenue roll-forward foots: opening + billings - recognised -
-- consumption - applied - breakage - unclaimed property - revocations - reversals +
-- adjustments + corrections of sealed periods + brought forward = closing. Its breakage is
-- that of the three methods.
with

rollforward as (

    select * from {{ ref('rpt_deferred_revenue_rollforward') }}

)

select *
from rollforward
where
    closing_minor
    <> opening_minor + billings_minor - recognised_minor - consumption_minor
    - applied_minor - breakage_minor - unclaimed_minor - revocations_minor - reversals_minor
    + adjustments_minor
    + seal_corrections_minor + brought_forward_minor
    or closing_amount
    <> opening_amount + billings_amount - recognised_amount - consumption_amount
    - applied_amount - breakage_amount - unclaimed_amount - revocations_amount
    - reversals_amount + adjustments_amount
    + seal_corrections_amount + brought_forward_amount
    or breakage_minor
    <> breakage_at_expiry_minor + breakage_remote_minor + breakage_proportional_minor
