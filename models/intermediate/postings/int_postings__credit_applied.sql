-- Dr what the books hold of the credits (deferred_revenue; customer_balance for money
-- that is owed), Cr accounts_receivable of the invoice that they pay: its lines carry
-- the revenue. What the customer never paid for is Dr discounts. Paid out instead: Cr
-- cash. Of an invoice that finance excludes in part: Dr accounts_receivable, Cr
-- exclusion for that part. A negative value takes back.
with

applications as (

    select
        *,
        'credit_applied:' || source_key as settlement_id
    from {{ ref('int_credit_applications') }}

),

exclusion_effects as (

    select * from {{ ref('int_settlement_effects') }}
    where credit_account = 'exclusion'

),

-- What is excluded of an application comes beside it: DuckDB 2.0.0 loses rows where a
-- sum of one side of an outer join is compared and nothing is on the other.
measured as (

    select
        source_system,
        grant_id,
        invoice_id,
        event_type,
        accounting_period_index,
        effective_period_index,
        balance_account,
        is_held,
        accounting_date,
        valued_units as units,
        1 as row_count,
        money_minor,
        released_minor,
        0 as excluded_minor
    from applications

    union all

    select
        applications.source_system,
        applications.grant_id,
        applications.invoice_id,
        applications.event_type,
        applications.accounting_period_index,
        applications.effective_period_index,
        applications.balance_account,
        applications.is_held,
        cast(null as date) as accounting_date,
        0 as units,
        0 as row_count,
        0 as money_minor,
        0 as released_minor,
        exclusion_effects.value_minor as excluded_minor
    from applications
    inner join exclusion_effects
        on
            applications.source_system = exclusion_effects.source_system
            and applications.settlement_id = exclusion_effects.settlement_id

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

summed as (

    select
        source_system,
        grant_id,
        invoice_id,
        event_type,
        accounting_period_index,
        effective_period_index,
        balance_account,
        is_held,
        case event_type when 'credit_refunded' then 'cash' else 'accounts_receivable' end
            as settled_account,
        max(accounting_date) as last_date,
        sum(units) as units,
        cast(sum(row_count) as bigint) as row_count,
        cast(sum(money_minor) as bigint) as money_minor,
        cast(sum(released_minor) as bigint) as released_minor,
        cast(sum(excluded_minor) as bigint) as excluded_minor
    from measured
    group by
        source_system,
        grant_id,
        invoice_id,
        event_type,
        accounting_period_index,
        effective_period_index,
        balance_account,
        is_held

),

-- The first pair has the rows and the units.
judged as (

    select
        *,
        is_held and (released_minor <> 0 or money_minor = 0) as has_release
    from summed

),

pairs as (

    select
        *,
        balance_account as debit_account,
        settled_account as credit_account,
        released_minor as value_minor,
        true as is_first,
        case event_type
            when 'credit_refunded' then 'credits are paid out'
            else 'credits pay the invoice'
        end as policy
    from judged
    where has_release

    union all

    select
        *,
        'discounts' as debit_account,
        settled_account as credit_account,
        money_minor - released_minor as value_minor,
        not has_release as is_first,
        'what credits pay and did not cost' as policy
    from judged
    where money_minor <> released_minor or not has_release

    union all

    select
        *,
        'accounts_receivable' as debit_account,
        'exclusion' as credit_account,
        excluded_minor as value_minor,
        false as is_first,
        'exclusions' as policy
    from judged
    where excluded_minor <> 0

),

final as (

    select
        pairs.source_system,
        pairs.grant_id as obligation_id,
        pairs.event_type,
        pairs.accounting_period_index,
        pairs.effective_period_index,
        coalesce(pairs.last_date, grants.booked_date) as booked_date,
        pairs.last_date,
        pairs.debit_account,
        pairs.credit_account,
        pairs.value_minor,
        case when pairs.is_first then pairs.units else 0 end as units,
        case when pairs.is_first then pairs.row_count else 0 end as source_entry_count,
        pairs.policy,
        pairs.invoice_id
    from pairs
    inner join grants
        on
            pairs.source_system = grants.source_system
            and pairs.grant_id = grants.grant_id

)

select * from final
