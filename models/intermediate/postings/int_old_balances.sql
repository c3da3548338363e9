-- One row per row of the seed opening_balances: what the old ledger held when the books
-- start, in minor units on the natural side of the account, with what is wrong with it.
with

balances as (

    select * from {{ raw('finance', 'opening_balances') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

books_start as (

    select * from {{ ref('int_books_start') }}

),

parsed as (

    select
        coalesce({{ text_value('entity_id') }}, '{{ default_entity_id() }}') as entity_id,
        {{ text_value('account') }} as account,
        upper(trim(cast(currency as varchar))) as currency,
        {{ parse_day('as_of') }} as as_of,
        {{ parse_decimal('balance', 18, 4) }} as balance,
        {{ parse_decimal('explained_amount', 18, 4) }} as explained_amount,
        {{ text_value('memo') }} as memo,
        explained_amount as raw_explained_amount
    from balances

),

measured as (

    select
        parsed.*,
        accounts.account_class,
        currencies.currency is not null as is_known_currency,
        books_start.opening_date,
        parsed.balance * cast(currencies.minor_units as numeric(5, 0)) as balance_minor,
        coalesce(parsed.explained_amount, 0) * cast(currencies.minor_units as numeric(5, 0))
            as explained_minor,
        count(*) over (partition by parsed.entity_id, parsed.account, parsed.currency) as copies
    from parsed
    left join accounts
        on parsed.account = accounts.account
    left join currencies
        on parsed.currency = currencies.currency
    left join books_start
        on books_start.period_index > 0

),

final as (

    select
        entity_id,
        account,
        currency,
        as_of,
        balance,
        explained_amount,
        memo,
        balance_minor,
        explained_minor,
        case
            when opening_date is null then 'var books_start is not set'
            when account_class is null then 'account is empty or not in the chart of accounts'
            when account_class not in ('asset', 'liability')
                then 'the account is not of the balance sheet'
            when not is_known_currency then 'currency is empty or not in currencies'
            when as_of is null or as_of <> opening_date
                then 'as_of is not the day before the books start'
            when balance is null then 'balance is empty or cannot be read'
            when {{ cannot_be_read('raw_explained_amount', 'explained_amount') }}
                then 'explained_amount cannot be read'
            when
                balance_minor <> round(balance_minor, 0)
                or explained_minor <> round(explained_minor, 0)
                then 'an amount has a fraction of the minor unit'
            when explained_minor <> 0 and memo is null then 'memo does not say what explains it'
            when copies > 1 then 'several rows for one entity, account and currency'
        end as problem
    from measured

)

select * from final
