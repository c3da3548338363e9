-- What is posted is in the end what is derived: over all periods every obligation has moved
-- every account by the same, whatever was sealed in between.
{{ config(group='revrec') }}

with

derived as (

    select * from {{ ref('int_books_entries') }}

),

posted as (

    select * from {{ ref('fct_journal_entries') }}

),

united as (

    select
        1 as sign,
        {{ journal_columns('derived') }}
    from derived

    union all

    select
        -1 as sign,
        {{ journal_columns('posted') }}
    from posted

),

sides as (

    select
        source_system,
        obligation_type,
        obligation_id,
        entity_id,
        currency,
        debit_account as account,
        sign * amount_minor as difference_minor,
        sign * functional_amount_minor as functional_difference_minor
    from united

    union all

    select
        source_system,
        obligation_type,
        obligation_id,
        entity_id,
        currency,
        credit_account as account,
        -sign * amount_minor as difference_minor,
        -sign * functional_amount_minor as functional_difference_minor
    from united

)

select
    source_system,
    obligation_type,
    obligation_id,
    entity_id,
    currency,
    account,
    sum(difference_minor) as difference_minor,
    sum(functional_difference_minor) as functional_difference_minor
from sides
group by source_system, obligation_type, obligation_id, entity_id, currency, account
having sum(difference_minor) <> 0 or sum(functional_difference_minor) <> 0
