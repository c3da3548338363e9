{{ config(enabled='stripe' in var('sources') | string) }}

-- A dispute takes the money at once, and one that is won gives it again. A warning
-- (an inquiry) moves none.
with

disputes as (

    select * from {{ ref('base_stripe__disputes') }}

),

charges as (

    select * from {{ ref('stg_stripe__charge_states') }}
    where is_first_copy and charge_id is not null

),

charged as (

    select
        disputes.*,
        charges.invoice_id,
        charges.customer_id,
        coalesce(
            disputes.row_reason,
            case
                when charges.charge_id is null then 'unknown_charge'
                when disputes.status like 'warning%' or disputes.status = 'prevented'
                    then 'no_money_moved'
            end,
            charges.charge_reason,
            case when disputes.amount = 0 then 'zero_amount' end
        ) as dispute_reason
    from disputes
    left join charges
        on disputes.charge_id = charges.charge_id

),

events as (

    select
        *,
        dispute_id as event_id,
        'dispute' as event_type,
        cast(null as varchar) as restores_event_id,
        created_at as effective_at
    from charged

    union all

    select
        *,
        dispute_id || ':won' as event_id,
        'dispute_won' as event_type,
        dispute_id as restores_event_id,
        closed_at as effective_at
    from charged
    where dispute_reason is null and status = 'won'

),

final as (

    select
        'disputes' as source_table,
        source_key,
        dispute_reason as row_reason,
        event_id,
        event_type,
        restores_event_id,
        invoice_id,
        case when invoice_id is null then charge_id end as line_id,
        charge_id as payment_id,
        customer_id,
        currency,
        amount,
        'cash' as settlement_account,
        effective_at
    from events

)

select * from final
