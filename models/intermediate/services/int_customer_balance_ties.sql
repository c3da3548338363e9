-- One row per customer and currency of which the source gives a balance, of its own
-- or of credits that are owed: that balance beside the one in the journal, and what
-- rows that are not in the books (they happened later, or are exceptions) would add,
-- as a source that disagrees with its own ledger does.
with

source_balances as (

    select * from {{ ref('int_customer_balances_unioned') }}
    where not {{ rebuilds_the_past() }}

),

-- Money that is owed as a credit, one by one.
owed_credits as (

    select * from {{ ref('int_credit_source_balances') }}
    where presentation = 'owed' and remaining_units is not null

),

-- The reversal of the refunded line is left out as an event.
unbooked_issues as (

    select
        source_system,
        grant_id,
        sum(balance_change) as units
    from {{ ref('int_credit_movements') }}
    where entry_type = 'grant' and disposition in ('excluded', 'exception')
    group by source_system, grant_id

),

credit_grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

reasons as (

    select * from {{ ref('exception_reasons') }}
    where kind = 'exception' or reason_code = 'after_as_of_date'

),

settlements as (

    select * from {{ ref('int_settlements') }}
    where settlement_type in ('balance_applied', 'balance_adjusted')

),

events as (

    select * from {{ ref('int_line_events_placed') }}
    where settlement_account = 'customer_balance'

),

entries as (

    select * from {{ ref('int_derived_entries') }}
    where debit_account = 'customer_balance' or credit_account = 'customer_balance'

),

stated as (

    select
        source_system,
        customer_id,
        currency,
        amount_scale,
        balance,
        cast(0 as numeric(28, 9)) as left_out
    from source_balances

    union all

    select
        owed_credits.source_system,
        credit_grants.customer_id,
        owed_credits.currency,
        'major' as amount_scale,
        owed_credits.remaining_units as balance,
        cast(
            owed_credits.unbooked_units + owed_credits.drift_units
            - case
                when credit_grants.funding = 'on_account' then coalesce(unbooked_issues.units, 0)
                else 0
            end as numeric(28, 9)
        ) as left_out
    from owed_credits
    inner join credit_grants
        on
            owed_credits.source_system = credit_grants.source_system
            and owed_credits.grant_id = credit_grants.grant_id
    left join unbooked_issues
        on
            owed_credits.source_system = unbooked_issues.source_system
            and owed_credits.grant_id = unbooked_issues.grant_id

),

measured as (

    select
        stated.*,
        {{ nano_units('stated.balance') }} as balance_nano,
        {{ nano_units('stated.left_out') }} as left_out_nano,
        currencies.minor_units,
        case stated.amount_scale
            when 'stripe_minor' then currencies.stripe_minor_units
            else 1
        end as source_units
    from stated
    inner join currencies
        on stated.currency = currencies.currency

),

scaled as (

    select
        source_system,
        customer_id,
        currency,
        {{ books_minor('balance_nano', 'minor_units', 'source_units') }} as balance_minor,
        {{ books_minor('left_out_nano', 'minor_units', 'source_units') }} as left_out_minor
    from measured

),

expected as (

    select
        source_system,
        customer_id,
        currency,
        sum(balance_minor) as expected_minor,
        sum(left_out_minor) as credits_left_out_minor
    from scaled
    group by source_system, customer_id, currency

),

rows_left_out as (

    select
        settlements.source_system,
        settlements.customer_id,
        settlements.currency,
        case
            when settlements.settlement_type = 'balance_applied' then -settlements.amount_minor
            else settlements.amount_minor
        end as change_minor
    from settlements
    inner join reasons
        on settlements.settlement_reason = reasons.reason_code

    union all

    select
        events.source_system,
        events.customer_id,
        events.currency,
        case
            when events.restores_event_id is null then events.whole_minor
            else -events.whole_minor
        end as change_minor
    from events
    inner join reasons
        on events.event_reason = reasons.reason_code

),

left_out as (

    select
        source_system,
        customer_id,
        currency,
        sum(change_minor) as left_out_minor
    from rows_left_out
    group by source_system, customer_id, currency

),

journal as (

    select
        source_system,
        customer_id,
        currency,
        sum(
            case when credit_account = 'customer_balance' then amount_minor else 0 end
            - case when debit_account = 'customer_balance' then amount_minor else 0 end
        ) as balance_minor
    from entries
    group by source_system, customer_id, currency

),

final as (

    select
        expected.source_system,
        expected.customer_id,
        expected.currency,
        coalesce(expected.expected_minor, 0) as expected_minor,
        coalesce(journal.balance_minor, 0) as balance_minor,
        coalesce(left_out.left_out_minor, 0)
        + coalesce(expected.credits_left_out_minor, 0) as left_out_minor
    from expected
    left join journal
        on
            expected.source_system = journal.source_system
            and expected.customer_id = journal.customer_id
            and expected.currency = journal.currency
    left join left_out
        on
            expected.source_system = left_out.source_system
            and expected.customer_id = left_out.customer_id
            and expected.currency = left_out.currency

)

select * from final
