-- One row per row of the credit ledgers, and per row of the seed opening_units: that is
-- the grant entry of a grant whose ledger begins after it, on the day before the books
-- start.
with

exported as (

    select * from {{ ref('int_credit_entries_exported') }}

),

opening_units as (

    select * from {{ ref('int_opening_units') }}
    where problem is null

),

final as (

    select * from exported

    union all

    select
        source_system,
        'opening_units' as source_table,
        'opening_units:' || grant_id as entry_id,
        grant_id,
        cast(null as varchar) as customer_id,
        cast(null as varchar) as credit_unit,
        'grant' as entry_type,
        units,
        opening_at as effective_at,
        opening_at as known_at,
        cast(null as varchar) as reference,
        cast(null as varchar) as feature_id,
        cast(null as varchar) as resource_id,
        cast(null as varchar) as invoice_id,
        cast(null as varchar) as pool_id,
        false as is_credit_event,
        case when is_twice then 'opening_units_twice' end as input_problem,
        cast(null as varchar) as unread_values,
        cast(null as varchar) as raw_key
    from opening_units

)

select * from final
