-- Waterfall = journal: what it shows as recognised in a period is the change of the
-- revenue and contra revenue accounts in that period.
with

balances as (

    select * from {{ ref('fct_account_balances') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

waterfall as (

    select * from {{ ref('rpt_revenue_waterfall') }}

),

revenue as (

    select
        balances.entity_id,
        balances.currency,
        balances.accounting_period,
        sum(balances.credit_minor - balances.debit_minor) as revenue_minor
    from balances
    inner join accounts
        on balances.account = accounts.account
    where accounts.account_class in ('revenue', 'contra_revenue')
    group by balances.entity_id, balances.currency, balances.accounting_period

),

-- Scheduled periods without any entry have no balances.
recognised as (

    select
        entity_id,
        currency,
        accounting_period,
        sum(recognised_minor) as recognised_minor
    from waterfall
    where recognised_minor <> 0
    group by entity_id, currency, accounting_period

),

compared as (

    select
        coalesce(revenue.entity_id, recognised.entity_id) as entity_id,
        coalesce(revenue.currency, recognised.currency) as currency,
        coalesce(revenue.accounting_period, recognised.accounting_period)
            as accounting_period,
        coalesce(revenue.revenue_minor, 0) as expected_minor,
        coalesce(recognised.recognised_minor, 0) as actual_minor
    from revenue
    full outer join recognised
        on
            revenue.entity_id = recognised.entity_id
            and revenue.currency = recognised.currency
            and revenue.accounting_period = recognised.accounting_period

),

final as (

    select
        accounting_period,
        currency,
        'total' as subject_type,
        cast(null as varchar) as subject_id,
        cast(sum(expected_minor) as numeric(38, 9)) as expected,
        cast(sum(actual_minor) as numeric(38, 9)) as actual,
        cast(0 as numeric(38, 9)) as explained
    from compared
    group by accounting_period, currency

    union all

    select
        accounting_period,
        currency,
        'entity' as subject_type,
        entity_id as subject_id,
        cast(expected_minor as numeric(38, 9)) as expected,
        cast(actual_minor as numeric(38, 9)) as actual,
        cast(0 as numeric(38, 9)) as explained
    from compared
    where expected_minor <> actual_minor

)

select
    'S4_revenue_waterfall' as tie_out,
    'all' as source_system,
    accounting_period,
    currency,
    subject_type,
    subject_id,
    'minor' as measure,
    {{ tie_out_columns() }}
from final
