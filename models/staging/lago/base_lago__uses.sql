-- What outbound transactions took, one row per part: a part for each grant that the
-- consumptions name, and one without a grant for what no consumption covers (the core
-- draws it from the wallet). A transaction that takes nothing is one part of 0. A table:
-- the core reads the entries more than once.
{{ config(enabled='lago' in var('sources') | string, materialized='table') }}

with

uses as (

    select
        *,
        {{ nano_units('units') }} as nano
    from {{ ref('base_lago__wallet_transactions') }}
    where row_reason is null and transaction_type = 'outbound'

),

linked_uses as (

    select * from {{ ref('base_lago__linked_uses') }}

),

linked_totals as (

    select
        outbound_id,
        sum(nano) as nano
    from linked_uses
    group by outbound_id

),

rests as (

    select
        uses.transaction_id,
        uses.nano - coalesce(linked_totals.nano, 0) as nano,
        linked_totals.outbound_id is not null as is_linked
    from uses
    left join linked_totals
        on uses.transaction_id = linked_totals.outbound_id

),

parts as (

    select
        outbound_id as transaction_id,
        consumption_id as entry_id,
        inbound_id as grant_id,
        nano
    from linked_uses

    union all

    select
        transaction_id,
        transaction_id as entry_id,
        cast(null as varchar) as grant_id,
        nano
    from rests
    where nano <> 0 or not is_linked

),

final as (

    select
        parts.entry_id,
        parts.grant_id,
        cast({{ units_of_nano('parts.nano') }} as numeric(28, 9)) as units,
        uses.source_key,
        uses.customer_id,
        uses.credit_unit,
        uses.transaction_status,
        uses.wallet_id,
        uses.invoice_id,
        uses.settled_at,
        uses.known_at
    from parts
    inner join uses
        on parts.transaction_id = uses.transaction_id

)

select * from final
