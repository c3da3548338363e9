with

mappings as (

    select * from {{ raw('finance', 'account_mappings') }}

),

final as (

    select
        cast(account as varchar) as account,
        nullif(trim(cast(entity_id as varchar)), '') as entity_id,
        nullif(trim(cast(product_id as varchar)), '') as product_id,
        cast(gl_code as varchar) as gl_code
    from mappings

)

select * from final
