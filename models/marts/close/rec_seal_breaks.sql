-- Every entry of a sealed period that is no longer derived as it was sealed, and the sealed
-- corrections, which never are. Amounts are positive in the direction of debit_account and
-- credit_account. An entry that is another customer's now, or of other accounts, is one that
-- is only in the seal and one that is only in the books.
with

breaks as (

    select * from {{ ref('int_seal_breaks') }}

),

differences as (

    select * from {{ ref('int_seal_differences') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

-- The accounts as sealed, where it was sealed.
sided as (

    select
        *,
        first_value(debit_account) over (
            partition by journal_entry_id, difference_key order by sign
        ) as sealed_debit_account
    from breaks

),

signed as (

    select
        *,
        case when debit_account = sealed_debit_account then sign else -sign end as book_sign
    from sided

),

paired as (

    select
        journal_entry_id,
        difference_key,
        min(difference_type) as difference_type,
        min(seal_id) as seal_id,
        min(accounting_period) as accounting_period,
        min(entity_id) as entity_id,
        min(source_system) as source_system,
        min(obligation_type) as obligation_type,
        min(obligation_id) as obligation_id,
        min(event_type) as event_type,
        min(effective_period) as effective_period,
        min(sealed_debit_account) as debit_account,
        min(
            case
                when debit_account = sealed_debit_account then credit_account
                else debit_account
            end
        ) as credit_account,
        min(currency) as currency,
        coalesce(sum(case when sign = -1 then amount_minor end), 0) as sealed_minor,
        coalesce(sum(case when sign = 1 then book_sign * amount_minor end), 0) as derived_minor,
        coalesce(sum(book_sign * functional_amount_minor), 0) as functional_difference_minor,
        sum(book_sign * quantity) as difference_quantity
    from signed
    group by journal_entry_id, difference_key

)

select
    paired.accounting_period,
    paired.difference_type,
    paired.journal_entry_id,
    paired.seal_id,
    paired.difference_key,
    paired.entity_id,
    paired.source_system,
    paired.obligation_type,
    paired.obligation_id,
    paired.event_type,
    paired.effective_period,
    paired.debit_account,
    paired.credit_account,
    paired.currency,
    cast(paired.sealed_minor as bigint) as sealed_minor,
    cast(paired.derived_minor as bigint) as derived_minor,
    cast(paired.derived_minor - paired.sealed_minor as bigint) as difference_minor,
    {{ major_units('paired.derived_minor - paired.sealed_minor', 'currencies.minor_unit') }}
        as difference_amount,
    cast(paired.functional_difference_minor as bigint) as functional_difference_minor,
    cast(paired.difference_quantity as numeric(28, 9)) as difference_quantity,
    differences.difference_key is null as is_corrected
from paired
left join currencies
    on paired.currency = currencies.currency
left join differences
    on paired.difference_key = differences.difference_key
