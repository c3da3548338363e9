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
        currencies.minor_units,
        1 as source_units,
        {{ nano_units('parsed.balance') }} as balance_nano,
        coalesce({{ nano_units('parsed.explained_amount') }}, 0) as explained_nano,
        count(*) over (partition by parsed.entity_id, parsed.account, parsed.currency) as copies
    from parsed
    left join accounts
        on parsed.account = accounts.account
    left join currencies
        on parsed.currency = currencies.currency
    left join books_start
        on books_start.period_index > 0

),

scaled as (

    select
        *,
        {{ books_minor('balance_nano', 'minor_units', 'source_units') }} as balance_minor,
        {{ books_minor('explained_nano', 'minor_units', 'source_units') }} as explained_minor
    from measured

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
                {{ books_minor_problem(
                    'balance_nano', 'balance_minor', 'minor_units', 'source_units'
                ) }} is not null
                or {{ books_minor_problem(
                    'explained_nano', 'explained_minor', 'minor_units', 'source_units'
                ) }} is not null
                then 'an amount has a fraction of the minor unit, or is out of range'
            when explained_minor <> 0 and memo is null then 'memo does not say what explains it'
            when copies > 1 then 'several rows for one entity, account and currency'
        end as problem
    from scaled

)

select * from final
