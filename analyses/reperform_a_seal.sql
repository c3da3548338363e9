-- The digests of these books beside the seals of the same target, period by period: of
-- today's books, or of books as of a close, which need not be on this target (then run
-- it there for the digests, and compare them with fct_period_seals here):
-- dbt build --exclude-resource-type unit_test --vars '{known_as_of: "2026-02-03 18:00:00"}'
-- dbt show --select reperform_a_seal --limit -1 --output json
-- What differs is in rec_seal_breaks or is a correction that was sealed in the period.
{{ config(group='revrec') }}

with

journal_entries as (

    select * from {{ ref('fct_journal_entries') }}

),

account_balances as (

    select * from {{ ref('fct_account_balances') }}

),

seals as (

    select * from {{ ref('fct_period_seals') }}
    where books_id = '{{ books_id() }}'

),

digested as (

    select
        journal_entries.accounting_period,
        journal_entries.entity_id,
        journal_entries.currency,
        journal_entries.amount_minor,
        {{ entry_digest('journal_entries') }} as entry_digest,
        cast(null as varchar) as balance_digest
    from journal_entries

    union all

    select
        accounting_period,
        entity_id,
        currency,
        0 as amount_minor,
        cast(null as varchar) as entry_digest,
        {{ key_hash([
            'entity_id', 'currency', 'account', 'closing_minor', 'functional_closing_minor',
        ]) }} as balance_digest
    from account_balances

),

books as (

    select
        seals.seal_id,
        count(digested.entry_digest) as entry_count,
        sum(digested.amount_minor) as debit_minor,
        {{ digest_of_all('digested.entry_digest') }} as entries_digest,
        {{ digest_of_all('digested.balance_digest') }} as balances_digest
    from seals
    left join digested
        on
            seals.accounting_period = digested.accounting_period
            and (seals.entity_id is null or seals.entity_id = digested.entity_id)
            and (seals.currency is null or seals.currency = digested.currency)
    group by seals.seal_id

)

select
    seals.accounting_period,
    seals.seal_version,
    seals.entity_id,
    seals.currency,
    seals.closed_at,
    seals.entry_count as sealed_entries,
    books.entry_count as entries_in_books,
    seals.debit_minor as sealed_debit_minor,
    case when seals.currency is not null then books.debit_minor end as debit_minor,
    seals.entries_digest = books.entries_digest as has_the_sealed_entries,
    seals.balances_digest = books.balances_digest as has_the_sealed_balances
from seals
inner join books
    on seals.seal_id = books.seal_id
order by seals.accounting_period, seals.seal_version, seals.entity_id, seals.currency
