-- One row per grant with deferred revenue: the cohort that it is one of, by what was sold.
-- Of a grant that the books opened with, the sale was before the books.
{{ config(materialized='table') }}

with

grants as (

    select * from {{ ref('int_credit_grants_priced') }}
    where presentation = 'deferred'

),

-- Texts that are missing are empty, so that cohorts are joined by equality.
described as (

    select
        source_system,
        grant_id,
        coalesce(product_id, '') as product_id,
        coalesce(credit_unit, '') as credit_unit,
        funding,
        cohort_count,
        opening_period_index is not null as has_opening_units,
        {{ term_months('sold_from', 'sold_until') }} as term_months,
        {{ accounting_date('sold_until') }} as ends_on,
        case
            when opening_period_index is null then booked_date
            else coalesce({{ accounting_date('sold_from') }}, booked_date)
        end as sold_on
    from grants

),

dated as (

    select
        *,
        {{ month_of('sold_on') }} as grant_month
    from described

)

select
    *,
    {{ key_hash(['source_system', 'product_id', 'credit_unit', 'funding', 'term_months']) }}
        as kind_key,
    {{ key_hash(['product_id', 'credit_unit', 'funding', 'term_months', 'grant_month']) }}
        as cohort_key
from dated
