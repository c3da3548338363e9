-- One row per settlement in a foreign currency: what reached the account, where
-- that is in the functional currency; else the amount at the rate of its day.
with

entries as (

    select * from {{ ref('int_journal_entries') }}
    where
        currency <> {{ functional_currency_value() }}
        and is_settlement

),

days as (

    select * from {{ ref('int_fx_days') }}

),

judged as (

    select
        entries.journal_entry_id,
        entries.source_system,
        entries.obligation_type,
        entries.obligation_id,
        entries.currency,
        entries.booked_date,
        entries.amount_minor,
        case
            when entries.settled_currency = {{ functional_currency_value() }}
                then entries.settled_minor
        end as settled_minor,
        days.numerator,
        days.denominator,
        days.most_minor
    from entries
    left join days
        on
            entries.currency = days.currency
            and entries.booked_date = days.day

),

reasoned as (

    select
        *,
        case
            when
                settled_minor between 0 and 1000000000000000
                and amount_minor <= 1000000000000000
                then null
            when settled_minor is not null then 'fx_out_of_range'
            when numerator is null then 'missing_fx_rate'
            when amount_minor > most_minor then 'fx_out_of_range'
        end as fx_reason
    from judged

),

final as (

    select
        journal_entry_id,
        source_system,
        obligation_type,
        obligation_id,
        currency,
        booked_date,
        fx_reason,
        case
            when fx_reason is not null then null
            when settled_minor is not null then settled_minor
            else {{ translated_minor('amount_minor', 'numerator', 'denominator') }}
        end as functional_amount_minor
    from reasoned

)

select * from final
