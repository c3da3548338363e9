{{ config(enabled='netsuite' in var('sources') | string) }}

with

source as (

    select * from {{ raw('netsuite', 'items') }}

),

liability_accounts as (

    select * from {{ ref('stg_finance__liability_accounts') }}

),

copies as (

    {{ mark_copies('source', 'id', [
        'name', 'item_type', 'income_account', 'netsuite_deferred_revenue_account'
    ]) }}

),

-- Discount, discount, DiscountItem, Discount Item and _discountItem are one type.
renamed as (

    select
        source_key,
        copy_number,
        copy_reason,
        row_key as item_id,
        coalesce(
            lower(regexp_replace(cast(item_type as varchar), '[^A-Za-z]', '', 'g'))
            in ('discount', 'discountitem'),
            false
        ) as is_discount,
        nullif(trim(cast(netsuite_deferred_revenue_account as varchar)), '') as account_reference
    from copies

),

final as (

    select
        renamed.source_key,
        renamed.copy_number,
        renamed.item_id,
        renamed.is_discount,
        liability_accounts.account as deferred_account,
        case
            when renamed.copy_reason is not null then renamed.copy_reason
            when
                renamed.account_reference is not null
                and liability_accounts.account is null
                and not renamed.is_discount
                then 'unknown_account'
        end as row_reason
    from renamed
    left join liability_accounts
        on renamed.account_reference = liability_accounts.reference

)

select * from final
