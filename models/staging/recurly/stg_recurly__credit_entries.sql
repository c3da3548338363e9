-- Every credit that is issued, and what credit payments do with it.
{{ config(enabled='recurly' in var('sources') | string) }}

with

grants as (

    select * from {{ ref('stg_recurly__credit_grants') }}

),

payment_entries as (

    select * from {{ ref('stg_recurly__payment_entries') }}

),

entries as (

    select
        source_table,
        raw_key,
        grant_id as entry_id,
        grant_id,
        customer_id,
        credit_unit,
        'grant' as entry_type,
        granted_units as units,
        effective_at,
        cast(null as varchar) as reference,
        cast(null as varchar) as invoice_id,
        input_problem
    from grants

    union all

    select
        'credit_payments' as source_table,
        source_key as raw_key,
        entry_id,
        grant_id,
        customer_id,
        credit_unit,
        entry_type,
        units,
        effective_at,
        reference,
        invoice_id,
        input_problem
    from payment_entries

),

final as (

    select
        'recurly' as source_system,
        source_table,
        entry_id,
        grant_id,
        customer_id,
        credit_unit,
        entry_type,
        cast(units as numeric(28, 9)) as units,
        effective_at,
        effective_at as known_at,
        reference,
        cast(null as varchar) as feature_id,
        cast(null as varchar) as resource_id,
        invoice_id,
        cast(null as varchar) as pool_id,
        true as is_credit_event,
        input_problem,
        cast(null as varchar) as unread_values,
        raw_key
    from entries

)

select * from final
