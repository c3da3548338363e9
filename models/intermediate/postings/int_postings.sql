-- Every posting, whatever the obligation, before a negative value swaps its sides. The
-- three have one list of columns.
with

credit_postings as (

    select * from {{ ref('int_credit_postings') }}

),

service_postings as (

    select * from {{ ref('int_service_postings') }}

),

usage_postings as (

    select * from {{ ref('int_usage_postings') }}

),

postings as (

    select * from credit_postings

    union all

    select * from service_postings

    union all

    select * from usage_postings

),

-- A settlement moves money at its own rate; an obligation keeps one.
final as (

    select
        *,
        obligation_type in ('invoice', 'customer_balance', 'payment') as is_settlement,
        -- Credits settle a receivable at the rate of their own obligation.
        obligation_type in ('invoice', 'customer_balance', 'payment')
        or event_type in ('credit_applied', 'credit_application_reversed') as settles_receivable
    from postings

)

select * from final
