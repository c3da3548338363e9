-- Policy grant_debit_account answers with an asset: what is sold is owed or paid. Only
-- a gift card moves a liability, for it was sold before.
{{ config(group='revrec') }}

with

grants as (

    select * from {{ ref('int_credit_grants') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

)

select
    grants.source_system,
    grants.grant_id,
    grants.grant_debit_account,
    accounts.account_class
from grants
inner join accounts
    on grants.grant_debit_account = accounts.account
where
    accounts.account_class <> 'asset'
    and not (grants.funding = 'gift_card' and accounts.account_class = 'liability')
