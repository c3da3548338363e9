with

chart_of_accounts as (

    select * from {{ raw('finance', 'chart_of_accounts') }}

),

liabilities as (

    select
        trim(cast(account as varchar)) as account,
        nullif(trim(cast(gl_code as varchar)), '') as gl_code
    from chart_of_accounts
    where lower(trim(cast(account_class as varchar))) = 'liability'

),

names as (

    select
        account as reference,
        account,
        1 as precedence
    from liabilities

    union all

    select
        gl_code as reference,
        account,
        2 as precedence
    from liabilities
    where gl_code is not null

),

preferred as (

    select
        reference,
        account,
        rank() over (partition by reference order by precedence) as preference
    from names

),

-- A key goes before a code; a code that two accounts share names neither.
final as (

    select
        reference,
        min(account) as account
    from preferred
    where preference = 1
    group by reference
    having count(*) = 1

)

select * from final
