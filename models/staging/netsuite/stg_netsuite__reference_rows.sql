{{ config(enabled='netsuite' in var('sources') | string) }}

with

items as (

    select * from {{ ref('base_netsuite__items') }}

),

credit_memos as (

    select * from {{ ref('base_netsuite__credit_memos') }}

),

discounts as (

    select * from {{ ref('base_netsuite__invoice_lines') }}
    where is_discount

),

line_discounts as (

    select * from {{ ref('base_netsuite__line_discounts') }}

),

final as (

    select
        'netsuite' as source_system,
        'items' as source_table,
        source_key,
        row_reason
    from items

    union all

    select
        'netsuite' as source_system,
        'credit_memos' as source_table,
        source_key,
        row_reason
    from credit_memos

    union all

    select
        'netsuite' as source_system,
        'invoice_lines' as source_table,
        discounts.source_key,
        coalesce(
            discounts.copy_reason,
            discounts.amount_problem,
            discounts.item_reason,
            case when line_discounts.discount_key is null then 'discount_without_line' end
        ) as row_reason
    from discounts
    left join line_discounts
        on discounts.source_key = line_discounts.discount_key

)

select * from final
