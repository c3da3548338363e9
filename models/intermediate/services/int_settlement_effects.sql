-- One row per settlement and account pair: how it moves the books. Of an invoice
-- that an exclusion keeps out of the books in part, payments settle that part too
-- (a payment of whatever is left: what the books have left). What credits pay is
-- posted with their grant, but for that part.
{{ config(materialized='table') }}

with

settlements as (

    select * from {{ ref('int_settlements') }}
    where settlement_reason is null

),

claims as (

    select * from {{ ref('int_receivable_claims') }}

),

exclusions as (

    select * from {{ ref('int_settlement_exclusions') }}

),

late_exclusions as (

    select * from {{ ref('int_late_exclusion_payments') }}

),

valued as (

    select
        settlements.source_system,
        settlements.settlement_id,
        settlements.settlement_type,
        settlements.settled_minor,
        coalesce(exclusions.excluded_value_minor, 0)
        + coalesce(late_exclusions.excluded_value_minor, 0) as excluded_value_minor,
        coalesce(exclusions.excluded_settled_minor, 0)
        + coalesce(late_exclusions.excluded_settled_minor, 0) as excluded_settled_minor,
        exclusions.settlement_id is not null or late_exclusions.settlement_id is not null
            as is_excluded_too,
        coalesce(
            settlements.amount_minor, late_exclusions.value_minor, claims.claim_minor
        ) as value_minor,
        case settlements.settlement_type
            when 'payment' then 'cash'
            when 'out_of_band_payment' then 'external_asset'
            when 'balance_applied' then 'customer_balance'
            when 'balance_adjusted' then 'customer_balance_adjustments'
            when 'processing_fee' then 'processing_fees'
            when 'credit_applied' then 'accounts_receivable'
        end as debit_account,
        case settlements.settlement_type
            when 'balance_adjusted' then 'customer_balance'
            when 'processing_fee' then 'cash'
            else 'accounts_receivable'
        end as credit_account
    from settlements
    left join claims
        on
            settlements.source_system = claims.source_system
            and settlements.settlement_id = claims.move_id
            and settlements.settlement_type = claims.move_type
            and settlements.amount_minor is null
    left join exclusions
        on
            settlements.source_system = exclusions.source_system
            and settlements.settlement_id = exclusions.settlement_id
    left join late_exclusions
        on
            settlements.source_system = late_exclusions.source_system
            and settlements.settlement_id = late_exclusions.settlement_id

)

select
    source_system,
    settlement_id,
    debit_account,
    credit_account,
    value_minor - excluded_value_minor as value_minor,
    settled_minor - excluded_settled_minor as settled_minor
from valued
where settlement_type <> 'credit_applied'

union all

select
    source_system,
    settlement_id,
    debit_account,
    'exclusion' as credit_account,
    excluded_value_minor as value_minor,
    case when settled_minor is not null then excluded_settled_minor end as settled_minor
from valued
where is_excluded_too
