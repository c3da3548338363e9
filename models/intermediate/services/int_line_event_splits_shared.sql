-- One row per split of an event that counts: what of it concerns the parts of its
-- line that are in the books, and what belongs to those that are excluded.
{{ config(materialized='table') }}

with

splits as (

    select * from {{ ref('int_line_event_splits_placed') }}
    where split_reason is null

),

excluded_lines as (

    select * from {{ ref('int_excluded_lines') }}

),

weighed as (

    select
        splits.source_system,
        splits.event_id,
        splits.line_id,
        splits.amount_minor,
        splits.tax_minor,
        coalesce(excluded_lines.excluded_net_weight, 0) as excluded_net_weight,
        coalesce(excluded_lines.net_weight, 1) as net_weight,
        case when excluded_lines.is_tax_excluded then splits.tax_minor else 0 end
            as excluded_tax_minor
    from splits
    left join excluded_lines
        on
            splits.source_system = excluded_lines.source_system
            and splits.line_id = excluded_lines.line_id

),

shared as (

    select
        *,
        {{ share_minor('amount_minor', 'excluded_net_weight', 'net_weight') }}
            as excluded_net_minor
    from weighed

)

select
    source_system,
    event_id,
    line_id,
    amount_minor - excluded_net_minor as net_minor,
    tax_minor - excluded_tax_minor as tax_minor,
    excluded_net_minor + excluded_tax_minor as excluded_minor
from shared
