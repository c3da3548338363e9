-- T1, T3 and T4 in the columns of rec_tie_outs: the totals per source, currency
-- and period, and each grant and period that does not tie.
{{ config(materialized='table') }}

with

ties as (

    select * from {{ ref('int_credit_movement_ties') }}

),

final as (

    select
        tie_out,
        source_system,
        accounting_period,
        currency,
        'total' as subject_type,
        cast(null as varchar) as subject_id,
        cast(sum(expected) as numeric(38, 9)) as expected,
        cast(sum(actual) as numeric(38, 9)) as actual,
        cast(sum(explained) as numeric(38, 9)) as explained
    from ties
    group by tie_out, source_system, accounting_period, currency

    union all

    select
        tie_out,
        source_system,
        accounting_period,
        currency,
        'credit_grant' as subject_type,
        grant_id as subject_id,
        cast(sum(expected) as numeric(38, 9)) as expected,
        cast(sum(actual) as numeric(38, 9)) as actual,
        cast(sum(explained) as numeric(38, 9)) as explained
    from ties
    where expected - explained <> actual
    group by tie_out, source_system, accounting_period, currency, grant_id

)

select * from final
