-- S1, S2, S3, S5 and C1 in the columns of rec_tie_outs: the totals per source and
-- currency, and each part, invoice or customer that does not tie.
{{ config(materialized='table') }}

with

line_ties as (

    select * from {{ ref('int_service_line_ties') }}

),

receivable_ties as (

    select * from {{ ref('int_receivable_ties') }}

),

customer_balance_ties as (

    select * from {{ ref('int_customer_balance_ties') }}

),

credit_clearing_ties as (

    select * from {{ ref('int_credit_clearing_ties') }}

),

as_of_period as (

    select * from {{ ref('int_as_of_period') }}

),

ties as (

    select
        'S1_schedules' as tie_out,
        source_system,
        currency,
        'service_line' as subject_type,
        obligation_id as subject_id,
        billed_minor as expected,
        accounted_minor as actual,
        0 as explained
    from line_ties

    union all

    select
        'S2_service_deferred' as tie_out,
        source_system,
        currency,
        'service_line' as subject_type,
        obligation_id as subject_id,
        unearned_minor as expected,
        deferred_minor as actual,
        explained_minor as explained
    from line_ties

    union all

    select
        'S3_receivables' as tie_out,
        source_system,
        currency,
        'invoice' as subject_type,
        invoice_id as subject_id,
        expected_minor as expected,
        balance_minor as actual,
        drift_minor as explained
    from receivable_ties

    union all

    select
        'S5_customer_balances' as tie_out,
        source_system,
        currency,
        'customer' as subject_type,
        customer_id as subject_id,
        expected_minor as expected,
        balance_minor as actual,
        left_out_minor as explained
    from customer_balance_ties

    union all

    -- Credits are granted in one system and sold in another.
    select
        'C1_credit_clearing' as tie_out,
        'all' as source_system,
        currency,
        'invoice' as subject_type,
        subject_id,
        0 as expected,
        balance_minor as actual,
        -waiting_minor as explained
    from credit_clearing_ties

),

listed as (

    select
        tie_out,
        source_system,
        currency,
        'total' as subject_type,
        cast(null as varchar) as subject_id,
        cast(sum(expected) as numeric(38, 9)) as expected,
        cast(sum(actual) as numeric(38, 9)) as actual,
        cast(sum(explained) as numeric(38, 9)) as explained
    from ties
    group by tie_out, source_system, currency

    union all

    select
        tie_out,
        source_system,
        currency,
        subject_type,
        subject_id,
        cast(expected as numeric(38, 9)) as expected,
        cast(actual as numeric(38, 9)) as actual,
        cast(explained as numeric(38, 9)) as explained
    from ties
    where expected - actual <> explained

)

select
    listed.tie_out,
    listed.source_system,
    as_of_period.accounting_period,
    listed.currency,
    listed.subject_type,
    listed.subject_id,
    listed.expected,
    listed.actual,
    listed.explained
from listed
cross join as_of_period
