-- With a functional currency, an obligation without deferred revenue has none in
-- the functional currency, and an invoice without a receivable has none: no cent
-- of a rate is left behind. Looked at for what is translated in full.
with

entries as (

    select * from {{ ref('fct_journal_entries') }}
    where currency <> {{ functional_currency_value() }}

),

sides as (

    select
        source_system,
        entity_id,
        'deferred_revenue' as account,
        obligation_type || ' ' || obligation_id as subject,
        case when credit_account = 'deferred_revenue' then 1 else -1 end as direction,
        amount_minor,
        functional_amount_minor
    from entries
    where 'deferred_revenue' in (debit_account, credit_account)

    union all

    select
        source_system,
        entity_id,
        'accounts_receivable' as account,
        'invoice ' || invoice_id as subject,
        case when debit_account = 'accounts_receivable' then 1 else -1 end as direction,
        amount_minor,
        functional_amount_minor
    from entries
    where
        invoice_id is not null
        and 'accounts_receivable' in (debit_account, credit_account)

)

select
    source_system,
    entity_id,
    account,
    subject,
    sum(direction * functional_amount_minor) as functional_balance_minor
from sides
group by source_system, entity_id, account, subject
having
    sum(direction * amount_minor) = 0
    and count(*) = count(functional_amount_minor)
    and sum(direction * functional_amount_minor) <> 0
