{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'products') }}

),

renamed as (

    select
        ---------- ids and strings
        {{ text_value('id') }} as product_id,
        {{ text_value('name') }} as product_name
    from source

),

checked as (

    select
        *,
        cast(null as varchar) as input_problem
    from renamed

),

repeated as (

    select product_id
    from checked
    where product_id is not null
    group by product_id
    having count(*) > 1

),

singles as (

    select
        *,
        cast(null as varchar) as row_hash,
        product_id as source_key,
        true as is_first_copy,
        input_problem as row_reason
    from checked
    where
        product_id is not null
        and product_id not in (select repeated.product_id from repeated)

),

-- Only what may be repeated is compared: the rows without an id, and those whose
-- id is there again.
suspects as (

    select
        *,
        {{ key_hash([
            "product_id",
            "product_name"
        ]) }} as row_hash
    from checked
    where
        product_id is null
        or product_id in (select repeated.product_id from repeated)

),

copies as (

    select
        *,
        coalesce(product_id, 'row:' || row_hash) as source_key,
        row_number() over (partition by product_id order by row_hash) = 1 as is_first_copy,
        coalesce({{ copy_reason('product_id') }}, input_problem) as row_reason
    from suspects

),

final as (

    select * from singles

    union all

    select * from copies

)

select * from final
