-- A warning: this target has seals of other books of your own (other sources, schemas,
-- calendar, zone or currency) and none of these. Periods that were sealed before are derived
-- and sealed anew, and nothing holds them to what they were.
{{ config(severity='warn', group='revrec') }}

with

seals as (

    select * from {{ earlier_rows('fct_period_seals') }}
    where
        entity_id is null
        and books_id <> '{{ books_id() }}'
        and not {{ uses_sample_data() | string | lower }}
        and not {{ rebuilds_the_past() }}

),

own_seals as (

    select * from {{ ref('int_seals_before') }}

)

select
    seals.books_id,
    min(seals.accounting_period) as first_period,
    max(seals.accounting_period) as last_period
from seals
where not exists (select 1 from own_seals)
group by seals.books_id
