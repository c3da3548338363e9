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

-- A code that two accounts share names neither; a key goes before a code.
codes as (

    select
        gl_code,
        min(account) as account
    from liabilities
    where gl_code is not null and gl_code not in (select account from liabilities)
    group by gl_code
    having count(*) = 1

),

final as (

    select
        account as reference,
        account
    from liabilities

    union all

    select
        gl_code as reference,
        account
    from codes

)

select * from final
