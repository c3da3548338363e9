-- One row per consumption that says which grant an outbound transaction used, with its
-- share of the units. The shares are cumulative, so that links of the whole amount have
-- the whole units, although cents do not divide them.
{{ config(enabled='lago' in var('sources') | string) }}

with

uses as (

    select
        transaction_id,
        minor_units,
        {{ nano_units('units') }} as nano,
        {{ nano_units('amount') }} as amount_nano
    from {{ ref('base_lago__wallet_transactions') }}
    where row_reason is null and transaction_type = 'outbound'

),

-- A link of nothing says nothing of how the units divide.
links as (

    select
        consumption_id,
        inbound_id,
        outbound_id,
        created_at,
        cast(consumed_cents as bigint) as consumed_minor
    from {{ ref('base_lago__consumptions') }}
    where row_reason is null and consumed_cents > 0

),

weighed as (

    select
        links.consumption_id,
        links.inbound_id,
        links.outbound_id,
        links.consumed_minor,
        uses.nano,
        {{ books_minor('uses.amount_nano', 'uses.minor_units', 1) }} as amount_minor,
        sum(links.consumed_minor) over (partition by links.outbound_id) as linked_minor,
        sum(links.consumed_minor) over (
            partition by links.outbound_id
            order by links.created_at nulls last, {{ key_hash(['links.consumption_id']) }}
            rows unbounded preceding
        ) as minor_through
    from links
    inner join uses
        on links.outbound_id = uses.transaction_id

),

totalled as (

    select
        *,
        minor_through - consumed_minor as minor_before,
        greatest(amount_minor, linked_minor) as total_minor
    from weighed

),

final as (

    select
        consumption_id,
        inbound_id,
        outbound_id,
        {{ share_nano('nano', 'minor_through', 'total_minor') }}
        - {{ share_nano('nano', 'minor_before', 'total_minor') }} as nano
    from totalled

)

select * from final
