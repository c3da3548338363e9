-- Life to date, without a year-end close.
with

account_periods as (

    select * from {{ ref('int_account_periods') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

signed as (

    select
        account_periods.*,
        currencies.minor_unit,
        case accounts.normal_side when 'debit' then 1 else -1 end
        * (account_periods.debit_minor - account_periods.credit_minor) as change_minor,
        case accounts.normal_side when 'debit' then 1 else -1 end
        * (account_periods.functional_debit_minor - account_periods.functional_credit_minor)
            as functional_change_minor
    from account_periods
    inner join accounts
        on account_periods.account = accounts.account
    inner join currencies
        on account_periods.currency = currencies.currency

),

cumulated as (

    select
        *,
        sum(change_minor) over to_date as closing_minor,
        sum(functional_change_minor) over to_date as functional_closing_minor,
        {{ functional_currency_value() }} is not null as is_translated
    from signed
    window to_date as (
        partition by entity_id, account, currency
        order by period_index
        rows between unbounded preceding and current row
    )

),

final as (

    select
        entity_id,
        account,
        currency,
        accounting_period,
        cast(closing_minor - change_minor as bigint) as opening_minor,
        cast(debit_minor as bigint) as debit_minor,
        cast(credit_minor as bigint) as credit_minor,
        cast(closing_minor as bigint) as closing_minor,
        {{ major_units('closing_minor - change_minor', 'minor_unit') }} as opening_amount,
        {{ major_units('debit_minor', 'minor_unit') }} as debit_amount,
        {{ major_units('credit_minor', 'minor_unit') }} as credit_amount,
        {{ major_units('closing_minor', 'minor_unit') }} as closing_amount,
        case
            when is_translated
                then cast(functional_closing_minor - functional_change_minor as bigint)
        end as functional_opening_minor,
        case when is_translated then cast(functional_debit_minor as bigint) end
            as functional_debit_minor,
        case when is_translated then cast(functional_credit_minor as bigint) end
            as functional_credit_minor,
        case when is_translated then cast(functional_closing_minor as bigint) end
            as functional_closing_minor
    from cumulated

)

select * from final
