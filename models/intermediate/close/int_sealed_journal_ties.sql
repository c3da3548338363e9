-- One row per entity, account, currency and accounting period with an entry: its net change
-- as it is derived and as it is posted, on the natural side of the account, and what of the
-- difference the layer of seals says of itself.
with

accounts as (

    select * from {{ ref('dim_accounts') }}

),

derived as (

    select * from {{ ref('int_books_entries') }}

),

posted as (

    select * from {{ ref('fct_journal_entries') }}

),

breaks as (

    -- A sealed correction is explained where it is posted.
    select * from {{ ref('rec_seal_breaks') }}
    where event_type <> 'seal_correction'

),

-- Summed before a side is made of each account: entries are many.
summed as (

    select
        entity_id,
        debit_account,
        credit_account,
        currency,
        accounting_period,
        sum(amount_minor) as expected,
        0 as actual,
        0 as explained
    from derived
    group by entity_id, debit_account, credit_account, currency, accounting_period

    union all

    select
        entity_id,
        debit_account,
        credit_account,
        currency,
        accounting_period,
        0 as expected,
        sum(amount_minor) as actual,
        -sum(case when event_type = 'seal_correction' then amount_minor else 0 end) as explained
    from posted
    group by entity_id, debit_account, credit_account, currency, accounting_period

    union all

    select
        entity_id,
        debit_account,
        credit_account,
        currency,
        accounting_period,
        0 as expected,
        0 as actual,
        difference_minor as explained
    from breaks

),

sides as (

    select
        entity_id,
        debit_account as account,
        currency,
        accounting_period,
        1 as side,
        expected,
        actual,
        explained
    from summed

    union all

    select
        entity_id,
        credit_account as account,
        currency,
        accounting_period,
        -1 as side,
        expected,
        actual,
        explained
    from summed

),

directed as (

    select
        sides.*,
        sides.side * case accounts.normal_side when 'debit' then 1 else -1 end as direction
    from sides
    inner join accounts
        on sides.account = accounts.account

)

select
    entity_id,
    account,
    currency,
    accounting_period,
    sum(direction * expected) as expected,
    sum(direction * actual) as actual,
    sum(direction * explained) as explained
from directed
group by entity_id, account, currency, accounting_period
