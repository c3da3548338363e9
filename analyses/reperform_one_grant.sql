-- One grant by hand, row by row in book order: the units granted and released to
-- date, what they are worth before and after rounding, and the difference that
-- each row makes. At the last row of every accounting period the deferred revenue so
-- far, less the breakage that was released ahead (fct_credit_breakage shows how it comes about),
-- must be that of the journal. Edit the line below, then:
-- dbt show --select reperform_one_grant --limit 500
{{ config(group='revrec') }}

{%- set grant_id = 'grant_lumen_forge_02' %}

with

grants as (

    select * from {{ ref('int_credit_grants_priced') }}
    where grant_id = '{{ grant_id }}' and presentation = 'deferred'

),

journal_entries as (

    select * from {{ ref('int_derived_entries') }}
    where obligation_id = '{{ grant_id }}'

),

grant_periods as (

    select * from {{ ref('fct_credit_grant_periods') }}
    where grant_id = '{{ grant_id }}'

),

evidence as (

    select * from {{ ref('int_credit_evidence') }}

),

ledger_rows as (

    select * from {{ ref('int_credit_entries') }}
    where grant_id = '{{ grant_id }}' and row_disposition is null

),

events as (

    select * from {{ ref('int_credit_events') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

booked as (

    select
        journal_entries.source_system,
        journal_entries.obligation_id as grant_id,
        journal_entries.accounting_period,
        journal_entries.effective_period,
        posted.period_index as accounting_period_index,
        effective.period_index as effective_period_index,
        events.event_rank,
        journal_entries.event_type,
        ledger_rows.effective_at,
        ledger_rows.known_at,
        ledger_rows.source_key,
        ledger_rows.units as balance_change,
        case when events.release_sign = 0 then ledger_rows.units else 0 end as granted,
        case when events.release_sign = 0 then 0 else -ledger_rows.units end as released
    from ledger_rows
    inner join evidence
        on
            ledger_rows.source_system = evidence.source_system
            and ledger_rows.source_table = evidence.source_table
            and ledger_rows.source_key = evidence.source_key
    inner join journal_entries
        on
            evidence.journal_entry_id = journal_entries.journal_entry_id
            -- What pays an invoice beyond its cost has a second entry, without units.
            and (journal_entries.quantity <> 0 or journal_entries.invoice_id is null)
    inner join events
        on ledger_rows.entry_type = events.entry_type
    inner join periods as posted
        on journal_entries.accounting_period = posted.accounting_period
    inner join periods as effective
        on journal_entries.effective_period = effective.accounting_period

),

numbered as (

    select
        *,
        row_number() over (
            order by
                source_system,
                accounting_period_index,
                effective_period_index,
                event_rank,
                effective_at,
                source_key
        ) as book_order
    from booked

),

to_date as (

    select
        *,
        sum(granted) over so_far as granted_to_date,
        sum(released) over so_far as released_to_date,
        lead(book_order) over (
            partition by source_system, accounting_period_index order by book_order
        ) is null as is_last_of_period
    from numbered
    window so_far as (
        partition by source_system order by book_order
        rows between unbounded preceding and current row
    )

),

-- No more is released than was granted.
valued_units as (

    select
        to_date.*,
        grants.currency,
        grants.price_numerator,
        grants.price_denominator,
        greatest(to_date.granted_to_date, 0) as valued_granted,
        least(greatest(to_date.released_to_date, 0), greatest(to_date.granted_to_date, 0))
            as valued_released
    from to_date
    inner join grants
        on to_date.source_system = grants.source_system

),

scaled as (

    select
        *,
        {{ nano_units('valued_granted') }} as nano_granted,
        {{ nano_units('valued_released') }} as nano_released
    from valued_units

),

whole as (

    select
        *,
        {{ value_whole('nano_granted', 'price_numerator', 'price_denominator') }}
            as whole_granted,
        {{ value_whole('nano_released', 'price_numerator', 'price_denominator') }}
            as whole_released
    from scaled

),

-- Minor units with nine decimals, cut off: enough to see how the rounding falls.
multiplied as (

    select
        *,
        {{ value_unrounded(
            'nano_granted', 'whole_granted', 'price_numerator', 'price_denominator'
        ) }} as granted_value_minor,
        {{ value_unrounded(
            'nano_released', 'whole_released', 'price_numerator', 'price_denominator'
        ) }} as released_value_minor
    from whole

),

-- By hand, half up, and not by the macro that the postings use.
rounded as (

    select
        *,
        cast(trunc(granted_value_minor + 0.5) as bigint) as granted_minor_to_date,
        cast(trunc(released_value_minor + 0.5) as bigint) as released_minor_to_date
    from multiplied

),

journal_to_date as (

    select
        journal_entries.source_system,
        posted.period_index as accounting_period_index,
        sum(
            case
                when journal_entries.credit_account = 'deferred_revenue'
                    then journal_entries.amount_minor
                when journal_entries.debit_account = 'deferred_revenue'
                    then -journal_entries.amount_minor
                else 0
            end
        ) as change_minor
    from journal_entries
    inner join periods as posted
        on journal_entries.accounting_period = posted.accounting_period
    group by journal_entries.source_system, posted.period_index

),

journal_balances as (

    select
        source_system,
        accounting_period_index,
        sum(change_minor) over (
            partition by source_system
            order by accounting_period_index
            rows between unbounded preceding and current row
        ) as deferred_minor
    from journal_to_date

)

select
    rounded.book_order,
    rounded.accounting_period,
    rounded.effective_period,
    rounded.event_type,
    rounded.source_key,
    rounded.effective_at,
    rounded.known_at,
    rounded.balance_change,
    rounded.granted_to_date,
    rounded.released_to_date,
    rounded.granted_value_minor as granted_value_minor_to_date,
    rounded.released_value_minor as released_value_minor_to_date,
    rounded.granted_minor_to_date,
    rounded.released_minor_to_date,
    rounded.granted_minor_to_date
    - lag(rounded.granted_minor_to_date, 1, cast(0 as bigint)) over by_hand as granted_minor,
    rounded.released_minor_to_date
    - lag(rounded.released_minor_to_date, 1, cast(0 as bigint)) over by_hand as released_minor,
    rounded.granted_minor_to_date - rounded.released_minor_to_date as deferred_minor,
    grant_periods.released_ahead_to_date_minor as released_ahead_minor,
    journal_balances.deferred_minor as journal_deferred_minor,
    rounded.granted_minor_to_date - rounded.released_minor_to_date
    - grant_periods.released_ahead_to_date_minor
    = journal_balances.deferred_minor as agrees
from rounded
left join journal_balances
    on
        rounded.source_system = journal_balances.source_system
        and rounded.accounting_period_index = journal_balances.accounting_period_index
        and rounded.is_last_of_period
left join grant_periods
    on
        rounded.source_system = grant_periods.source_system
        and rounded.accounting_period = grant_periods.accounting_period
        and rounded.is_last_of_period
window by_hand as (partition by rounded.source_system order by rounded.book_order)
order by rounded.book_order
