-- One row per fulfilment and deferred part of its line that it releases: where the
-- revenue is. Several fulfilments of a period share what they release in it.
with

fulfilments as (

    select * from {{ ref('int_part_fulfilments') }}

),

slices as (

    select * from {{ ref('int_recognised_slices') }}
    where is_recognised and amount_minor <> 0

)

select
    fulfilments.source_system,
    fulfilments.source_table,
    fulfilments.source_key,
    fulfilments.fulfilment_id,
    fulfilments.obligation_id,
    fulfilments.minor_unit,
    fulfilments.amount_minor,
    fulfilments.accounting_period_index,
    fulfilments.effective_period_index
from fulfilments
inner join slices
    on
        fulfilments.source_system = slices.source_system
        and fulfilments.line_id = slices.line_id
        and fulfilments.part_number = slices.part_number
        and fulfilments.accounting_period_index = slices.accounting_period_index
        and fulfilments.effective_period_index = slices.effective_period_index
