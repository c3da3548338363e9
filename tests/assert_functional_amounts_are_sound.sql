-- With a functional currency every entry has a functional amount of at least
-- zero, its own amount where it is in that currency; what has none is listed in
-- rec_exceptions. An entry of a realised difference has no other amount. Without
-- a functional currency no entry has one.
with

entries as (

    select * from {{ ref('fct_journal_entries') }}

),

exceptions as (

    select
        source_system,
        source_key
    from {{ ref('rec_exceptions') }}
    where source_table = 'fx_rates'
    group by source_system, source_key

),

judged as (

    select
        entries.*,
        case
            when
                entries.functional_currency is null
                and (
                    entries.functional_amount_minor is not null
                    or entries.event_type = 'fx_realised'
                )
                then 'translated into nothing'
            when entries.functional_currency is null then null
            when entries.functional_amount_minor < 0 then 'negative'
            when entries.functional_amount < 0 then 'negative'
            when
                entries.currency = entries.functional_currency
                and entries.functional_amount_minor <> entries.amount_minor
                then 'not its own amount'
            when
                entries.functional_amount_minor is null
                and exceptions.source_key is null
                then 'not translated and not listed'
            when
                entries.event_type = 'fx_realised'
                and (
                    entries.amount_minor <> 0
                    or entries.functional_amount_minor = 0
                    or 'fx_loss' not in (entries.debit_account, entries.credit_account)
                )
                then 'not a pure difference'
        end as problem
    from entries
    left join exceptions
        on
            entries.source_system = exceptions.source_system
            and entries.obligation_id = exceptions.source_key

)

select
    journal_entry_id,
    obligation_id,
    event_type,
    accounting_period,
    currency,
    amount_minor,
    functional_currency,
    functional_amount_minor,
    problem
from judged
where problem is not null
