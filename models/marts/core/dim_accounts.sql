with

accounts as (

    select * from {{ raw('finance', 'chart_of_accounts') }}

)

select
    cast(account as varchar) as account,
    cast(account_name as varchar) as account_name,
    cast(account_class as varchar) as account_class,
    cast(normal_side as varchar) as normal_side,
    cast(gl_code as varchar) as gl_code
from accounts
