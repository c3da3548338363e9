-- One row per obligation with a correction, accounting period and effective period to which
-- facts of it post: when the newest of them was recorded. The row without an effective
-- period is of the accounting period as a whole: what expires of itself moves with it.
with

corrections as (

    select distinct
        source_system,
        obligation_type,
        obligation_id
    from {{ ref('fct_journal_entries') }}
    where is_correction

),

credit_facts as (

    select * from {{ ref('int_credit_fact_times') }}

),

usage_facts as (

    select * from {{ ref('int_usage_fact_times') }}

),

service_facts as (

    select * from {{ ref('int_service_fact_times') }}

),

facts as (

    select * from credit_facts

    union all

    select * from usage_facts

    union all

    select * from service_facts

),

of_corrections as (

    select facts.*
    from facts
    inner join corrections
        on
            facts.source_system = corrections.source_system
            and facts.obligation_type = corrections.obligation_type
            and facts.obligation_id = corrections.obligation_id

)

select
    source_system,
    obligation_type,
    obligation_id,
    accounting_period_index,
    effective_period_index,
    max(known_at) as known_at
from of_corrections
group by
    source_system,
    obligation_type,
    obligation_id,
    accounting_period_index,
    effective_period_index

union all

select
    source_system,
    obligation_type,
    obligation_id,
    accounting_period_index,
    cast(null as integer) as effective_period_index,
    max(known_at) as known_at
from of_corrections
group by source_system, obligation_type, obligation_id, accounting_period_index
