-- Every row of account_mappings maps an account of the chart to a GL code, and is
-- the only one for its account, entity and product.
{{ config(group='revrec') }}

with

mappings as (

    select * from {{ ref('int_account_mappings') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

counted as (

    select
        mappings.*,
        accounts.account is not null as is_known_account,
        count(*) over (
            partition by mappings.account, mappings.entity_id, mappings.product_id
        ) as copies
    from mappings
    left join accounts
        on mappings.account = accounts.account

),

judged as (

    select
        *,
        case
            when not is_known_account then 'the chart of accounts has no such account'
            when trim(coalesce(gl_code, '')) = '' then 'gl_code is empty'
            when copies > 1 then 'several rows for one account, entity and product'
        end as problem
    from counted

)

select
    account,
    entity_id,
    product_id,
    gl_code,
    problem
from judged
where problem is not null
