-- The digests of these books, period by period, beside the seals of the same target: of
-- today's books, or of books as of a close. Those may be on a target of their own: then it
-- has no seals, and the digests are compared with fct_period_seals of the books' own target:
-- dbt build --exclude-resource-type unit_test --vars '{known_as_of: "2026-02-03 18:00:00"}'
-- dbt show --select reperform_a_seal --limit -1 --output json
-- What differs of a seal in force is in rec_seal_breaks, or is a correction that was sealed
-- in the period; a version that was reopened or retired may differ.
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
        account_balances.accounting_period,
        account_balances.entity_id,
        account_balances.currency,
        0 as amount_minor,
        cast(null as varchar) as entry_digest,
        {{ balance_digest('account_balances') }} as balance_digest
    from account_balances

),

books as (

    select
        accounting_period,
        entity_id,
        currency,
        count(entry_digest) as entry_count,
        sum(amount_minor) as debit_minor,
        {{ digest_of_all('entry_digest') }} as entries_digest,
        {{ digest_of_all('balance_digest') }} as balances_digest
    from digested
    group by accounting_period, entity_id, currency

    union all

    select
        accounting_period,
        cast(null as varchar) as entity_id,
        cast(null as varchar) as currency,
        count(entry_digest) as entry_count,
        cast(null as bigint) as debit_minor,
        {{ digest_of_all('entry_digest') }} as entries_digest,
        {{ digest_of_all('balance_digest') }} as balances_digest
    from digested
    group by accounting_period

)

select
    books.accounting_period,
    books.entity_id,
    books.currency,
    books.entry_count as entries_in_books,
    books.debit_minor as debit_minor_in_books,
    books.entries_digest,
    books.balances_digest,
    seals.seal_version,
    seals.closed_at,
    seals.entry_count as sealed_entries,
    seals.debit_minor as sealed_debit_minor,
    seals.entries_digest = books.entries_digest as has_the_sealed_entries,
    seals.balances_digest = books.balances_digest as has_the_sealed_balances
from books
left join seals
    on
        books.accounting_period = seals.accounting_period
        and coalesce(books.entity_id, '') = coalesce(seals.entity_id, '')
        and coalesce(books.currency, '') = coalesce(seals.currency, '')
order by books.accounting_period, books.entity_id, books.currency, seals.seal_version
