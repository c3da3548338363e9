{{ config(enabled='stripe' in var('sources') | string) }}

-- One row per credit grant whose metadata say what was paid for it or on which
-- invoice. Where two rows of one key differ, neither is taken: the grant has the reason.
with

metadata as (

    select
        *,
        case when metadata_reason is null then metadata_value end as usable_value
    from {{ ref('stg_stripe__credit_grant_metadata_states') }}
    where
        is_first_copy
        and grant_id is not null
        and metadata_key in ({{ stripe_cost_basis_key() }}, {{ stripe_invoice_key() }})

),

chosen as (

    select
        grant_id,
        max(case when metadata_key = {{ stripe_cost_basis_key() }} then usable_value end)
            as raw_cost_basis,
        max(case when metadata_key = {{ stripe_invoice_key() }} then usable_value end)
            as invoice_id,
        max(metadata_reason) as metadata_problem
    from metadata
    group by grant_id

),

parsed as (

    select
        *,
        {{ parse_decimal('raw_cost_basis', 28, 12) }} as cost_basis
    from chosen

),

final as (

    select
        *,
        {{ decimal_problem('raw_cost_basis', 'cost_basis', 28, 12) }} as cost_basis_problem
    from parsed

)

select * from final
