{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'products') }}

),

copies as (

    {{ mark_copies('source', 'id', [
        'name'
    ]) }}

),

renamed as (

    select
        ---------- ids and strings
        source_key,
        copy_number,
        copy_reason,
        row_key as product_id,
        {{ text_value('name') }} as product_name
    from copies

),

final as (

    select
        *,
        copy_number = 1 as is_first_copy,
        copy_reason as row_reason
    from renamed

)

select * from final
