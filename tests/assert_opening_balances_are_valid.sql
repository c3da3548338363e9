-- Every row of opening_balances names an account of the balance sheet and a currency,
-- once, and holds a balance of the day before the books start.
{{ config(group='revrec') }}

with

old_balances as (

    select * from {{ ref('int_old_balances') }}

)

select *
from old_balances
where problem is not null
