-- One row per correcting entry of sealed periods, in the columns of fct_journal_entries: Dr
-- and Cr the accounts of the entries that changed, for the difference, in the first period
-- that is not sealed. What of functional value and units has the other sign is an entry of
-- its own.
{{ config(materialized='table') }}

with

differences as (

    select * from {{ ref('int_seal_differences') }}

),

first_unsealed as (

    select * from {{ ref('int_first_unsealed_period') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

functional_currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

-- The side to debit: that of the first of the three that is not zero.
led as (

    select
        *,
        case
            when difference_minor <> 0 then {{ sign_of('difference_minor') }}
            when functional_difference_minor <> 0
                then {{ sign_of('functional_difference_minor') }}
            when difference_quantity > 0 then 1
            else -1
        end as lead_sign
    from differences

),

turned as (

    select
        *,
        lead_sign * difference_minor as value_minor,
        lead_sign * functional_difference_minor as functional_minor,
        lead_sign * difference_quantity as quantity
    from led

),

split as (

    select
        *,
        lead_sign < 0 as is_swapped,
        value_minor as part_minor,
        case when functional_minor is not null then greatest(functional_minor, 0) end
            as part_functional_minor,
        greatest(quantity, 0) as part_quantity
    from turned

    union all

    select
        *,
        lead_sign > 0 as is_swapped,
        0 as part_minor,
        case when functional_minor is not null then greatest(-functional_minor, 0) end
            as part_functional_minor,
        greatest(-quantity, 0) as part_quantity
    from turned
    where functional_minor < 0 or quantity < 0

),

sided as (

    select
        *,
        case when is_swapped then second_account else first_account end as debit_account,
        case when is_swapped then first_account else second_account end as credit_account
    from split

),

posted as (

    select
        sided.*,
        first_unsealed.accounting_period,
        first_unsealed.starts_on
    from sided
    cross join first_unsealed

)

select
    {{ seal_correction_key('posted', 'posted.books_digest') }} as journal_entry_id,
    posted.entity_id,
    posted.source_system,
    posted.obligation_type,
    posted.obligation_id,
    posted.customer_id,
    posted.product_id,
    'seal_correction' as event_type,
    posted.booked_date,
    posted.starts_on as entry_date,
    posted.effective_period,
    posted.accounting_period,
    true as is_correction,
    posted.debit_account,
    posted.credit_account,
    cast(posted.part_minor as bigint) as amount_minor,
    {{ major_units('posted.part_minor', 'currencies.minor_unit') }} as amount,
    posted.currency,
    cast(posted.part_functional_minor as bigint) as functional_amount_minor,
    {{ major_units('posted.part_functional_minor', 'functional_currencies.minor_unit') }}
        as functional_amount,
    posted.functional_currency,
    cast(posted.part_quantity as numeric(28, 9)) as quantity,
    cast(0 as bigint) as source_entry_count,
    'on_seal_break: correct' as policy,
    posted.invoice_id,
    posted.difference_key
from posted
left join currencies
    on posted.currency = currencies.currency
left join functional_currencies
    on posted.functional_currency = functional_currencies.currency
