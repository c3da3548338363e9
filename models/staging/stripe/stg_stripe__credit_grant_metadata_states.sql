{{ config(enabled='stripe' in var('sources') | string) }}

-- The raw metadata of credit grants, each with the reason why it does not count.
with

metadata as (

    select * from {{ ref('base_stripe__billing_credit_grant_metadata') }}

),

grants as (

    select distinct grant_id from {{ ref('base_stripe__billing_credit_grants') }}

),

final as (

    select
        metadata.source_key,
        metadata.grant_id,
        metadata.metadata_key,
        metadata.metadata_value,
        metadata.is_first_copy,
        coalesce(
            metadata.row_reason,
            case when grants.grant_id is null then 'unknown_grant' end
        ) as metadata_reason
    from metadata
    left join grants
        on metadata.grant_id = grants.grant_id

)

select * from final
