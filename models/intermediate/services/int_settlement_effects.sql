-- One row per settlement and account pair: how it moves the books. Of an invoice
-- that an exclusion keeps out of the books in part, payments settle that part too.
{{ config(materialized='table') }}

with

settlements as (

    select * from {{ ref('int_settlements') }}
    where settlement_reason is null

),

claims as (

    select * from {{ ref('int_receivable_claims') }}

),

valued as (

    select
        settlements.*,
        coalesce(settlements.amount_minor, claims.claim_minor) as value_minor
    from settlements
    left join claims
        on
            settlements.source_system = claims.source_system
            and settlements.settlement_id = claims.move_id
            and settlements.settlement_type = claims.move_type
            and settlements.amount_minor is null

),

paired as (

    select
        *,
        case settlement_type
            when 'payment' then 'cash'
            when 'out_of_band_payment' then 'external_asset'
            when 'balance_applied' then 'customer_balance'
            when 'balance_adjusted' then 'customer_balance_adjustments'
            when 'processing_fee' then 'processing_fees'
        end as debit_account,
        case settlement_type
            when 'balance_adjusted' then 'customer_balance'
            when 'processing_fee' then 'cash'
            else 'accounts_receivable'
        end as credit_account,
        case when settlement_type = 'processing_fee' then 0 else coalesce(excluded_minor, 0) end
            as excluded_weight,
        coalesce(excluded_minor + booked_minor, 0) as invoice_weight
    from valued

),

-- Cumulated, so that all payments of an invoice settle each side exactly.
cumulated as (

    select
        *,
        cast(sum(value_minor) over (
            partition by source_system, invoice_id
            order by
                accounting_period_index,
                effective_period_index,
                {{ key_hash(['settlement_id']) }}
            rows between unbounded preceding and current row
        ) as bigint) as paid_after,
        cast(sum(value_minor) over (
            partition by source_system, invoice_id
            order by
                accounting_period_index,
                effective_period_index,
                {{ key_hash(['settlement_id']) }}
            rows between unbounded preceding and current row
        ) - value_minor as bigint) as paid_before
    from paired
    where excluded_weight > 0 and invoice_weight > 0

),

divided as (

    select
        *,
        {{ share_minor('paid_after', 'excluded_weight', 'invoice_weight') }}
        - {{ share_minor('paid_before', 'excluded_weight', 'invoice_weight') }}
            as excluded_value_minor
    from cumulated

),

weighed as (

    select
        *,
        abs(excluded_value_minor) as excluded_part,
        greatest(abs(value_minor), 1) as whole
    from divided

),

shared as (

    select
        *,
        {{ share_minor('settled_minor', 'excluded_part', 'whole') }} as excluded_settled_minor
    from weighed

)

select
    source_system,
    settlement_id,
    debit_account,
    credit_account,
    value_minor,
    settled_minor
from paired
where excluded_weight <= 0 or invoice_weight <= 0

union all

select
    source_system,
    settlement_id,
    debit_account,
    credit_account,
    value_minor - excluded_value_minor as value_minor,
    settled_minor - excluded_settled_minor as settled_minor
from shared

union all

select
    source_system,
    settlement_id,
    debit_account,
    'exclusion' as credit_account,
    excluded_value_minor as value_minor,
    excluded_settled_minor as settled_minor
from shared
