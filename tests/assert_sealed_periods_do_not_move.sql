-- What is derived of a sealed period is what was sealed, or var('on_seal_break') is
-- 'correct', or the difference was corrected and sealed since. One row per period that
-- moved; rec_seal_breaks has the entries.
with

breaks as (

    select * from {{ ref('rec_seal_breaks') }}
    where not is_corrected and '{{ on_seal_break() }}' = 'error'

),

sides as (

    select
        accounting_period,
        journal_entry_id,
        debit_account as account
    from breaks

    union

    select
        accounting_period,
        journal_entry_id,
        credit_account as account
    from breaks

)

select
    accounting_period,
    count(distinct journal_entry_id) as entries_that_moved,
    string_agg(distinct account, ', ' order by account) as accounts,
    'see rec_seal_breaks; restore what the source rewrote, or post the difference with var'
    || ' on_seal_break: correct, or reopen the period, or retire its seal' as how_to_fix
from sides
group by accounting_period
