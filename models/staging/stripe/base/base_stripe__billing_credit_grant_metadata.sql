{{ config(enabled='stripe' in var('sources') | string) }}

with

source as (

    select * from {{ raw('stripe', 'billing_credit_grant_metadata') }}

),

-- An id of Stripe has no colon, so the first one ends it.
keyed as (

    select
        {{ text_value('credit_grant_id') }} as grant_id,
        {{ text_value('key') }} as metadata_key,
        {{ text_value('value') }} as metadata_value
    from source

),

copies as (

    {{ mark_copies('keyed', "grant_id || ':' || metadata_key", [
        'grant_id', 'metadata_key', 'metadata_value'
    ]) }}

),

final as (

    select
        source_key,
        grant_id,
        metadata_key,
        metadata_value,
        copy_number = 1 as is_first_copy,
        copy_reason as row_reason
    from copies

)

select * from final
