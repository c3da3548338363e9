-- One row per correcting entry of sealed periods, in the columns of fct_journal_entries: Dr
-- and Cr the accounts of the entries that changed, for the difference, in the first period
-- that is not sealed. Where the functional difference has the other sign it is an entry of
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

signed as (

    select
        *,
        coalesce(
            (difference_minor > 0 and functional_difference_minor < 0)
            or (difference_minor < 0 and functional_difference_minor > 0),
            false
        ) as is_opposed
    from differences

),

split as (

    select
        *,
        1 as part,
        difference_minor as value_minor,
        case when is_opposed then 0 else functional_difference_minor end
            as functional_value_minor,
        difference_quantity as value_quantity
    from signed

    union all

    select
        *,
        2 as part,
        0 as value_minor,
        functional_difference_minor as functional_value_minor,
        0 as value_quantity
    from signed
    where is_opposed

),

turned as (

    select
        *,
        case
            when value_minor <> 0 then value_minor < 0
            when coalesce(functional_value_minor, 0) <> 0 then functional_value_minor < 0
            else value_quantity < 0
        end as is_swapped
    from split

),

sided as (

    select
        *,
        case when is_swapped then second_account else first_account end as debit_account,
        case when is_swapped then first_account else second_account end as credit_account
    from turned

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
    {{ key_hash([
        "'seal_correction'", 'posted.entity_id', 'posted.source_system',
        'posted.obligation_type', 'posted.obligation_id', 'posted.customer_id',
        'posted.product_id', 'posted.invoice_id', 'posted.booked_date', 'posted.currency',
        'posted.accounting_period', 'posted.effective_period', 'posted.debit_account',
        'posted.credit_account', 'posted.part',
    ]) }} as journal_entry_id,
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
    cast(abs(posted.value_minor) as bigint) as amount_minor,
    {{ major_units('abs(posted.value_minor)', 'currencies.minor_unit') }} as amount,
    posted.currency,
    cast(abs(posted.functional_value_minor) as bigint) as functional_amount_minor,
    {{ major_units('abs(posted.functional_value_minor)', 'functional_currencies.minor_unit') }}
        as functional_amount,
    posted.functional_currency,
    cast(abs(posted.value_quantity) as numeric(28, 9)) as quantity,
    cast(0 as bigint) as source_entry_count,
    'on_seal_break: correct' as policy,
    posted.invoice_id
from posted
inner join currencies
    on posted.currency = currencies.currency
left join functional_currencies
    on posted.functional_currency = functional_currencies.currency
