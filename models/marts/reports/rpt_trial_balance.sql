with

balances as (

    select * from {{ ref('fct_account_balances') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

-- The mapping of the account as a whole: one of a product belongs to lines.
mappings as (

    select * from {{ ref('int_account_mappings') }}
    where product_id is null

),

-- A balance on its natural side; a negative one shows on the other.
sided as (

    select
        balances.*,
        accounts.account_name,
        accounts.account_class,
        coalesce(entity_mappings.gl_code, any_mappings.gl_code, accounts.gl_code) as gl_code,
        case accounts.normal_side when 'debit' then 1 else -1 end * balances.closing_minor
            as net_debit_minor,
        case accounts.normal_side when 'debit' then 1 else -1 end * balances.closing_amount
            as net_debit_amount
    from balances
    inner join accounts
        on balances.account = accounts.account
    left join mappings as entity_mappings
        on
            balances.account = entity_mappings.account
            and balances.entity_id = entity_mappings.entity_id
    left join mappings as any_mappings
        on
            balances.account = any_mappings.account
            and any_mappings.entity_id is null

)

select
    entity_id,
    accounting_period,
    currency,
    account,
    account_name,
    account_class,
    gl_code,
    debit_minor as period_debit_minor,
    credit_minor as period_credit_minor,
    debit_amount as period_debit_amount,
    credit_amount as period_credit_amount,
    greatest(net_debit_minor, 0) as closing_debit_minor,
    greatest(-net_debit_minor, 0) as closing_credit_minor,
    cast(greatest(net_debit_amount, 0) as numeric(28, 4)) as closing_debit_amount,
    cast(greatest(-net_debit_amount, 0) as numeric(28, 4)) as closing_credit_amount
from sided
