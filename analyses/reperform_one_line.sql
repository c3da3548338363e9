-- One invoiced line by hand, from its raw rows to each of its entries, in book
-- order: the days served at the end of each accounting period, what was reversed by
-- then, and what should still be deferred: (amount - reversed) x days left / days,
-- rounded half away from zero. At the last entry of a period that must be the
-- journal's. For lines by day (policy schedule_granularity) that are invoiced at
-- once. Edit the two lines below, then:
-- dbt show --select reperform_one_line --limit 500
{{ config(group='revrec') }}

{%- set source_system = 'generic' %}
{%- set line_id = 'PS-L07' %}

with

parts as (

    select * from {{ ref('int_service_line_parts') }}
    where
        source_system = '{{ source_system }}'
        and line_id = '{{ line_id }}'
        and is_scheduled

),

journal_entries as (

    select * from {{ ref('int_derived_entries') }}
    where
        source_system = '{{ source_system }}'
        and obligation_type = 'service_line'

),

evidence as (

    select * from {{ ref('fct_journal_evidence') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

raw_rows as (

    select
        journal_entry_id,
        min(source_table || ' ' || source_key) as first_raw_row,
        count(*) as raw_row_count
    from evidence
    group by journal_entry_id

),

booked as (

    select
        parts.obligation_id,
        parts.amount_minor as line_minor,
        parts.starts_on,
        parts.ends_on,
        periods.period_index,
        least(periods.ends_on, cast('{{ as_of_date() }}' as date)) as through_date,
        journal_entries.journal_entry_id,
        journal_entries.accounting_period,
        journal_entries.effective_period,
        journal_entries.event_type,
        journal_entries.debit_account,
        journal_entries.credit_account,
        journal_entries.amount_minor,
        case
            when journal_entries.credit_account = parts.position_account
                then journal_entries.amount_minor
            when journal_entries.debit_account = parts.position_account
                then -journal_entries.amount_minor
            else 0
        end as deferred_change,
        -- What is taken back is paid, credited or no longer owed; what is given back
        -- has its sides swapped.
        case
            when journal_entries.event_type in ('service_invoiced', 'service_recognised') then 0
            -- From one contra account to another: it was taken back before.
            when
                journal_entries.event_type
                in ('service_write_off_voided', 'service_write_off_credited')
                then 0
            when
                journal_entries.credit_account
                in (parts.position_account, 'refunds', 'disputes', 'credit_notes', 'bad_debt')
                then -journal_entries.amount_minor
            else journal_entries.amount_minor
        end as reversed_change
    from parts
    inner join journal_entries
        on parts.obligation_id = journal_entries.obligation_id
    inner join periods
        on journal_entries.accounting_period = periods.accounting_period

),

to_date as (

    select
        *,
        sum(deferred_change) over so_far as journal_deferred_minor,
        sum(reversed_change) over so_far as reversed_minor,
        {{ days_between('starts_on', 'ends_on') }} as days,
        greatest(
            {{ days_between('through_date', 'ends_on') }} - 1
            - greatest({{ days_between('through_date', 'starts_on') }} - 1, 0),
            0
        ) as days_left,
        lead(journal_entry_id) over book_order is null as is_last_of_period
    from booked
    window
        so_far as (
            partition by obligation_id order by period_index
        ),
        book_order as (
            partition by obligation_id, period_index
            order by event_type, journal_entry_id
        )

),

by_hand as (

    select
        *,
        cast(
            case when line_minor < 0 then -1 else 1 end
            * {{ integer_divide(
                '2 * abs(line_minor - reversed_minor) * days_left + days', '2 * days'
            ) }} as bigint
        ) as deferred_minor
    from to_date

)

select
    by_hand.obligation_id,
    by_hand.line_minor,
    by_hand.starts_on,
    by_hand.ends_on,
    by_hand.accounting_period,
    by_hand.effective_period,
    by_hand.event_type,
    by_hand.debit_account,
    by_hand.credit_account,
    by_hand.amount_minor,
    raw_rows.first_raw_row,
    raw_rows.raw_row_count,
    by_hand.days,
    by_hand.days_left,
    by_hand.reversed_minor,
    case when by_hand.is_last_of_period then by_hand.deferred_minor end as deferred_minor,
    case when by_hand.is_last_of_period then by_hand.journal_deferred_minor end
        as journal_deferred_minor,
    case
        when by_hand.is_last_of_period
            then by_hand.deferred_minor = by_hand.journal_deferred_minor
    end as agrees
from by_hand
left join raw_rows
    on by_hand.journal_entry_id = raw_rows.journal_entry_id
order by
    by_hand.obligation_id,
    by_hand.period_index,
    by_hand.is_last_of_period,
    by_hand.event_type
