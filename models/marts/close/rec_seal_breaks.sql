-- Every entry of a sealed period that is no longer derived as it was sealed. Amounts are
-- positive in the direction of debit_account and credit_account.
with

replaced_periods as (

    select * from {{ ref('int_replaced_periods') }}

),

derived_entries as (

    select * from {{ ref('int_books_entries') }}

),

sealed_entries as (

    select * from {{ ref('int_sealed_entries') }}
    where event_type <> 'seal_correction'

),

corrections as (

    select * from {{ ref('int_seal_corrections') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

derived as (

    select
        derived_entries.*,
        {{ entry_digest('derived_entries') }} as entry_digest
    from derived_entries
    inner join replaced_periods
        on derived_entries.accounting_period = replaced_periods.accounting_period

),

sealed as (

    select sealed_entries.*
    from sealed_entries
    inner join replaced_periods
        on sealed_entries.accounting_period = replaced_periods.accounting_period

),

paired as (

    select
        sealed.seal_id,
        coalesce(sealed.accounting_period, derived.accounting_period) as accounting_period,
        coalesce(sealed.journal_entry_id, derived.journal_entry_id) as journal_entry_id,
        case
            when derived.journal_entry_id is null then 'only_in_seal'
            when sealed.journal_entry_id is null then 'only_in_books'
            else 'changed'
        end as difference_type,
        coalesce(sealed.entity_id, derived.entity_id) as entity_id,
        coalesce(sealed.source_system, derived.source_system) as source_system,
        coalesce(sealed.obligation_type, derived.obligation_type) as obligation_type,
        coalesce(sealed.obligation_id, derived.obligation_id) as obligation_id,
        coalesce(sealed.event_type, derived.event_type) as event_type,
        coalesce(sealed.effective_period, derived.effective_period) as effective_period,
        coalesce(sealed.debit_account, derived.debit_account) as debit_account,
        coalesce(sealed.credit_account, derived.credit_account) as credit_account,
        coalesce(sealed.currency, derived.currency) as currency,
        case
            when sealed.debit_account = derived.credit_account then -1
            else 1
        end as derived_sign,
        sealed.amount_minor as sealed_minor,
        derived.amount_minor as derived_minor,
        sealed.functional_amount_minor as functional_sealed_minor,
        derived.functional_amount_minor as functional_derived_minor,
        sealed.quantity as sealed_quantity,
        derived.quantity as derived_quantity
    from sealed
    full outer join derived
        on sealed.journal_entry_id = derived.journal_entry_id
    where
        sealed.journal_entry_id is null
        or derived.journal_entry_id is null
        or sealed.entry_digest <> derived.entry_digest

),

measured as (

    select
        *,
        coalesce(sealed_minor, 0) as sealed_value,
        coalesce(derived_sign * derived_minor, 0) as derived_value,
        coalesce(derived_sign * functional_derived_minor, 0)
        - coalesce(functional_sealed_minor, 0) as functional_difference_minor,
        coalesce(derived_sign * derived_quantity, 0) - coalesce(sealed_quantity, 0)
            as difference_quantity
    from paired

),

-- What still differs once the corrections that are sealed count.
open_obligations as (

    select distinct
        source_system,
        obligation_type,
        obligation_id
    from corrections

)

select
    measured.accounting_period,
    measured.difference_type,
    measured.journal_entry_id,
    measured.seal_id,
    measured.entity_id,
    measured.source_system,
    measured.obligation_type,
    measured.obligation_id,
    measured.event_type,
    measured.effective_period,
    measured.debit_account,
    measured.credit_account,
    measured.currency,
    cast(measured.sealed_value as bigint) as sealed_minor,
    cast(measured.derived_value as bigint) as derived_minor,
    cast(measured.derived_value - measured.sealed_value as bigint) as difference_minor,
    {{ major_units('measured.derived_value - measured.sealed_value', 'currencies.minor_unit') }}
        as difference_amount,
    cast(measured.functional_difference_minor as bigint) as functional_difference_minor,
    cast(measured.difference_quantity as numeric(28, 9)) as difference_quantity,
    open_obligations.obligation_id is null
    and (
        measured.derived_value <> measured.sealed_value
        or measured.functional_difference_minor <> 0
        or measured.difference_quantity <> 0
    ) as is_corrected
from measured
inner join currencies
    on measured.currency = currencies.currency
left join open_obligations
    on
        measured.source_system = open_obligations.source_system
        and measured.obligation_type = open_obligations.obligation_type
        and measured.obligation_id = open_obligations.obligation_id
