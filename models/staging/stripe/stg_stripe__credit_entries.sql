{{ config(enabled='stripe' in var('sources') | string) }}

-- Stripe's amounts have no sign: the type says what a row does to the balance.
with

transactions as (

    select * from {{ ref('base_stripe__billing_credit_balance_transactions') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

measured as (

    select
        transactions.*,
        -- Credits are owed from their sale on, also where they may be used later only.
        case transactions.entry_type
            when 'grant' then least(transactions.happened_at, transactions.created_at)
            else coalesce(transactions.happened_at, transactions.created_at)
        end as effective_at,
        coalesce(
            transactions.minor_problem,
            case
                when transactions.minor_amount < 0 then 'wrong_sign'
                -- Minor units, so there are no fractions of them.
                when transactions.minor_amount <> trunc(transactions.minor_amount)
                    then 'precision_exceeded'
                when transactions.minor_amount is not null and currencies.currency is null
                    then 'unknown_currency'
            end
        ) as amount_problem,
        currencies.stripe_minor_unit
    from transactions
    left join currencies
        on transactions.currency = currencies.currency

),

scaled as (

    select
        *,
        case
            when amount_problem is null
                then {{ minor_as_units('minor_amount', 'stripe_minor_unit') }}
        end as amount,
        cast(null as varchar) as pool_id
    from measured

),

final as (

    select
        ---------- ids
        'stripe' as source_system,
        'billing_credit_balance_transactions' as source_table,
        transaction_id as entry_id,
        grant_id,
        -- The grant has the customer.
        cast(null as varchar) as customer_id,
        currency as credit_unit,
        bill_item_id as reference,
        cast(null as varchar) as feature_id,
        cast(null as varchar) as resource_id,
        invoice_id,
        pool_id,
        cast(null as varchar) as raw_key,
        false as is_credit_event,

        ---------- what it does
        entry_type,
        case when entry_type in ('grant', 'apply_reversal') then amount else -amount end as units,
        effective_at,
        coalesce(created_at, effective_at) as known_at,
        {{ entry_input_problem() }} as input_problem,

        ---------- for the invoices that it pays
        minor_amount,
        copy_reason,

        ---------- as it was
        amount,
        happened_at,
        created_at,
        raw_types,
        raw_amounts,
        raw_effective_at,
        raw_created
    from scaled

)

select
    *,
    {{ unread_values({
        'entry_type': 'raw_types',
        'amount': 'raw_amounts',
        'happened_at': 'raw_effective_at',
        'created_at': 'raw_created',
    }) }}
        as unread_values
from final
