-- One row per obligation, account pair and effective period of sealed periods whose derived
-- value is not what was sealed, corrections that were sealed since included. Positive
-- debits first_account. What names a cohort or a customer is part of the key, so that a
-- change of it moves the balance from the one to the other.
with

replaced_periods as (

    select * from {{ ref('int_replaced_periods') }}

),

derived as (

    select entries.*
    from {{ ref('int_books_entries') }} as entries
    inner join replaced_periods
        on entries.accounting_period = replaced_periods.accounting_period

),

sealed as (

    select entries.*
    from {{ ref('int_sealed_entries') }} as entries
    inner join replaced_periods
        on entries.accounting_period = replaced_periods.accounting_period

),

united as (

    select
        1 as sign,
        {{ journal_columns('derived') }}
    from derived

    union all

    select
        -1 as sign,
        {{ journal_columns('sealed') }}
    from sealed

),

paired as (

    select
        *,
        least(debit_account, credit_account) as first_account,
        greatest(debit_account, credit_account) as second_account,
        case when debit_account = least(debit_account, credit_account) then sign else -sign end
            as direction
    from united

)

select
    entity_id,
    source_system,
    obligation_type,
    obligation_id,
    customer_id,
    product_id,
    invoice_id,
    booked_date,
    effective_period,
    currency,
    functional_currency,
    first_account,
    second_account,
    cast(sum(direction * amount_minor) as bigint) as difference_minor,
    cast(sum(direction * functional_amount_minor) as bigint) as functional_difference_minor,
    sum(direction * quantity) as difference_quantity
from paired
group by
    entity_id,
    source_system,
    obligation_type,
    obligation_id,
    customer_id,
    product_id,
    invoice_id,
    booked_date,
    effective_period,
    currency,
    functional_currency,
    first_account,
    second_account
having
    sum(direction * amount_minor) <> 0
    or sum(direction * functional_amount_minor) <> 0
    or sum(direction * quantity) <> 0
