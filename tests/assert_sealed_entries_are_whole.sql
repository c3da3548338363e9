-- Every seal has the entries that it counted, no more and no fewer.
with

seals as (

    select * from {{ ref('fct_period_seals') }}
    where entity_id is not null

),

entries as (

    select * from {{ ref('fct_sealed_entries') }}

),

counted as (

    select
        seal_id,
        count(*) as entry_count,
        sum(amount_minor) as debit_minor
    from entries
    group by seal_id

)

select
    seals.seal_id,
    seals.accounting_period,
    seals.currency,
    seals.entry_count as sealed_count,
    counted.entry_count as kept_count,
    seals.debit_minor as sealed_minor,
    counted.debit_minor as kept_minor
from seals
left join counted
    on seals.seal_id = counted.seal_id
where
    seals.entry_count <> coalesce(counted.entry_count, 0)
    or seals.debit_minor <> coalesce(counted.debit_minor, 0)
