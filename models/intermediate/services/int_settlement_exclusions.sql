-- One row per settlement of an invoice that an exclusion keeps out of the books in
-- part: what of it settles that part. Cumulated, so that all payments of an invoice
-- settle each side exactly.
{{ config(materialized='table') }}

with

settlements as (

    select * from {{ ref('int_settlements') }}
    where
        settlement_reason is null
        and settlement_type <> 'processing_fee'
        and excluded_minor > 0
        and amount_minor is not null

),

cumulated as (

    select
        *,
        excluded_minor + booked_minor as invoice_weight,
        cast(sum(amount_minor) over (
            partition by source_system, invoice_id
            order by
                accounting_period_index,
                effective_period_index,
                {{ key_hash(['settlement_id']) }}
            rows between unbounded preceding and current row
        ) as bigint) as paid_after
    from settlements

),

divided as (

    select
        *,
        paid_after - amount_minor as paid_before,
        abs(amount_minor) as whole
    from cumulated
    where invoice_weight > 0

),

shared as (

    select
        *,
        {{ share_minor('paid_after', 'excluded_minor', 'invoice_weight') }}
        - {{ share_minor('paid_before', 'excluded_minor', 'invoice_weight') }}
            as excluded_value_minor
    from divided

),

weighed as (

    select
        *,
        abs(excluded_value_minor) as excluded_part,
        greatest(whole, 1) as divisor
    from shared

)

select
    source_system,
    settlement_id,
    excluded_value_minor,
    {{ share_minor('settled_minor', 'excluded_part', 'divisor') }} as excluded_settled_minor
from weighed
