-- One row per obligation, account pair and effective period of sealed periods that is still
-- to be corrected: derived less sealed, corrections that were sealed since included.
-- Positive debits first_account. What names a cohort or a customer is part of the key, so
-- that a change of it moves the balance from the one to the other. Where entries say
-- something else of the same value, the difference is 0 until a correction of 0 is sealed
-- that knew them as they are.
with

breaks as (

    select * from {{ ref('int_seal_breaks') }}

),

summed as (

    select
        difference_key,
        min(entity_id) as entity_id,
        min(source_system) as source_system,
        min(obligation_type) as obligation_type,
        min(obligation_id) as obligation_id,
        min(customer_id) as customer_id,
        min(product_id) as product_id,
        min(invoice_id) as invoice_id,
        min(booked_date) as booked_date,
        min(effective_period) as effective_period,
        min(currency) as currency,
        min(functional_currency) as functional_currency,
        min(case when direction = sign then debit_account else credit_account end)
            as first_account,
        min(case when direction = sign then credit_account else debit_account end)
            as second_account,
        cast(sum(direction * amount_minor) as bigint) as difference_minor,
        cast(sum(direction * functional_amount_minor) as bigint) as functional_difference_minor,
        sum(direction * quantity) as difference_quantity,
        count(break_digest) as moved_count,
        {{ digest_of_all('break_digest') }} as books_digest
    from breaks
    group by difference_key

),

answered as (

    select distinct summed.difference_key
    from summed
    inner join breaks
        on
            summed.difference_key = breaks.difference_key
            and breaks.journal_entry_id
            = {{ seal_correction_key('breaks', 'summed.books_digest') }}
    where breaks.event_type = 'seal_correction'

)

select summed.*
from summed
left join answered
    on summed.difference_key = answered.difference_key
where
    summed.difference_minor <> 0
    or summed.functional_difference_minor <> 0
    or summed.difference_quantity <> 0
    or (summed.moved_count > 0 and answered.difference_key is null)
