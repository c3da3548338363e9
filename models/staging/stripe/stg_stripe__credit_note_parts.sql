{{ config(enabled='stripe' in var('sources') | string) }}

-- One row per credit note that counts and part of its amount: each is an event of its
-- own. part_number is their order.
with

credit_notes as (

    select * from {{ ref('stg_stripe__credit_note_states') }}
    where credit_note_reason is null

),

parts as (

    select
        *,
        1 as part_number,
        'receivable' as part,
        receivable_amount as part_amount,
        'accounts_receivable' as settlement_account
    from credit_notes

    union all

    select
        *,
        2 as part_number,
        'refund' as part,
        refund_amount as part_amount,
        'cash' as settlement_account
    from credit_notes

    union all

    select
        *,
        3 as part_number,
        'balance' as part,
        balance_amount as part_amount,
        'customer_balance' as settlement_account
    from credit_notes

    union all

    select
        *,
        4 as part_number,
        'out_of_band' as part,
        out_of_band_amount as part_amount,
        'external_customer_balance' as settlement_account
    from credit_notes

),

final as (

    select
        *,
        credit_note_id || ':' || part as event_id
    from parts
    where part_amount > 0

)

select * from final
