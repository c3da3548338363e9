-- One rule a model; here they stand together, without the columns that a rule has of
-- its own.
with

consumption as (

    select * from {{ ref('rec_consumption') }}

),

deferred_revenue as (

    select
        tie_out,
        source_system,
        accounting_period,
        currency,
        subject_type,
        subject_id,
        measure,
        expected,
        actual,
        difference,
        explained,
        unexplained,
        is_tied
    from {{ ref('rec_deferred_revenue') }}

),

breakage as (

    select * from {{ ref('rec_breakage') }}

),

source_balances as (

    select
        tie_out,
        source_system,
        accounting_period,
        currency,
        subject_type,
        subject_id,
        measure,
        expected,
        actual,
        difference,
        explained,
        unexplained,
        is_tied
    from {{ ref('rec_source_balances') }}

),

additions as (

    select * from {{ ref('rec_additions') }}

),

expiry as (

    select * from {{ ref('rec_expiry') }}

),

revocations as (

    select * from {{ ref('rec_revocations') }}

),

credit_applications as (

    select * from {{ ref('rec_credit_applications') }}

),

balances as (

    select * from {{ ref('rec_balances') }}

),

units as (

    select * from {{ ref('rec_units') }}

),

customer_credits as (

    select * from {{ ref('rec_customer_credits') }}

),

service_schedules as (

    select * from {{ ref('rec_service_schedules') }}

),

service_deferred_revenue as (

    select * from {{ ref('rec_service_deferred_revenue') }}

),

receivables as (

    select * from {{ ref('rec_receivables') }}

),

revenue_waterfall as (

    select * from {{ ref('rec_revenue_waterfall') }}

),

customer_balances as (

    select * from {{ ref('rec_customer_balances') }}

),

usage_revenue as (

    select * from {{ ref('rec_usage_revenue') }}

),

unbilled_receivable as (

    select * from {{ ref('rec_unbilled_receivable') }}

),

usage_invoiced as (

    select * from {{ ref('rec_usage_invoiced') }}

),

usage_quantity as (

    select * from {{ ref('rec_usage_quantity') }}

),

credit_clearing as (

    select * from {{ ref('rec_credit_clearing') }}

),

opening_balances as (

    select * from {{ ref('rec_opening_balances') }}

),

sealed_journal as (

    select * from {{ ref('rec_sealed_journal') }}

)

select * from consumption

union all

select * from deferred_revenue

union all

select * from source_balances

union all

select * from additions

union all

select * from expiry

union all

select * from breakage

union all

select * from revocations

union all

select * from credit_applications

union all

select * from balances

union all

select * from units

union all

select * from customer_credits

union all

select * from service_schedules

union all

select * from service_deferred_revenue

union all

select * from receivables

union all

select * from revenue_waterfall

union all

select * from customer_balances

union all

select * from credit_clearing

union all

select * from usage_revenue

union all

select * from unbilled_receivable

union all

select * from usage_invoiced

union all

select * from usage_quantity

union all

select * from opening_balances

union all

select * from sealed_journal
