-- One row per entry of a replaced period that is not in the books as it was sealed, in the
-- books and in the seal. An entry that is another customer's now is two: difference_key
-- holds what sums are kept apart by. A sealed correction is one always, for nothing derives
-- it: its break_digest is null.
{{ config(materialized='table') }}

with

replaced_periods as (

    select * from {{ ref('int_replaced_periods') }}

),

derived_entries as (

    select entries.*
    from {{ ref('int_books_entries') }} as entries
    inner join replaced_periods
        on entries.accounting_period = replaced_periods.accounting_period

),

sealed_entries as (

    select entries.*
    from {{ ref('int_sealed_entries') }} as entries
    inner join replaced_periods
        on entries.accounting_period = replaced_periods.accounting_period

),

united as (

    select
        1 as sign,
        cast(null as varchar) as seal_id,
        {{ journal_columns('derived_entries') }},
        {{ entry_digest('derived_entries') }} as entry_digest,
        {{ seal_difference_key('derived_entries') }} as difference_key
    from derived_entries

    union all

    select
        -1 as sign,
        sealed_entries.seal_id,
        {{ journal_columns('sealed_entries') }},
        -- Not as it was stored: a digest of later versions may have more in it.
        {{ entry_digest('sealed_entries') }} as entry_digest,
        {{ seal_difference_key('sealed_entries') }} as difference_key
    from sealed_entries

),

matched as (

    select
        *,
        count(*) over (
            partition by journal_entry_id, difference_key, entry_digest
        ) = 2 as is_same,
        count(*) over (partition by journal_entry_id, difference_key) = 2 as is_changed
    from united

)

select
    matched.sign,
    matched.seal_id,
    {{ journal_columns('matched') }},
    matched.difference_key,
    case
        when matched.event_type <> 'seal_correction'
            then {{ key_hash(['matched.entry_digest', 'matched.sign']) }}
    end as break_digest,
    case
        when matched.is_changed then 'changed'
        when matched.sign = 1 then 'only_in_books'
        else 'only_in_seal'
    end as difference_type,
    -- By hash, for engines sort text otherwise.
    case
        when md5(matched.debit_account) < md5(matched.credit_account) then matched.sign
        else -matched.sign
    end as direction
from matched
where not matched.is_same
