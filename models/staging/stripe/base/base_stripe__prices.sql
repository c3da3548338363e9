{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'prices') }}

),

renamed as (

    select
        ---------- ids and strings
        {{ text_value('id') }} as price_id,
        {{ text_value('product_id') }} as product_id
    from source

),

checked as (

    select
        *,
        cast(null as varchar) as input_problem
    from renamed

),

repeated as (

    select price_id
    from checked
    where price_id is not null
    group by price_id
    having count(*) > 1

),

singles as (

    select
        *,
        cast(null as varchar) as row_hash,
        price_id as source_key,
        true as is_first_copy,
        input_problem as row_reason
    from checked
    where
        price_id is not null
        and price_id not in (select repeated.price_id from repeated)

),

-- Only what may be repeated is compared: the rows without an id, and those whose
-- id is there again.
suspects as (

    select
        *,
        {{ key_hash([
            "price_id",
            "product_id"
        ]) }} as row_hash
    from checked
    where
        price_id is null
        or price_id in (select repeated.price_id from repeated)

),

copies as (

    select
        *,
        coalesce(price_id, 'row:' || row_hash) as source_key,
        row_number() over (partition by price_id order by row_hash) = 1 as is_first_copy,
        coalesce({{ copy_reason('price_id') }}, input_problem) as row_reason
    from suspects

),

final as (

    select * from singles

    union all

    select * from copies

)

select * from final
