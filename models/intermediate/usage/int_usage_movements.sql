-- One row per usage period, accounting period and effective period, in book order:
-- what accrues, what falls short of a minimum, what is invoiced. From the last invoice
-- on the revenue is the invoices' total: what accrued is invoiced, the rest is the
-- difference. An invoice of a part of the period takes from what accrued.
{{ config(materialized='table') }}

with

recognised as (

    select * from {{ ref('int_usage_recognised') }}

),

invoices as (

    select * from {{ ref('int_usage_invoices') }}
    where invoice_reason is null

),

periods as (

    select * from {{ ref('int_usage_periods') }}

),

changes as (

    select
        *,
        recognised_minor - coalesce(lag(recognised_minor) over book_order, 0)
            as accrued_minor,
        shortfall_minor - coalesce(lag(shortfall_minor) over book_order, 0)
            as fallen_short_minor,
        metered_quantity - coalesce(lag(metered_quantity) over book_order, 0) as quantity
    from recognised
    window book_order as (partition by usage_period_id order by step_number)

),

booked as (

    select
        usage_period_id,
        accounting_period_index,
        effective_period_index,
        accrued_minor,
        fallen_short_minor,
        0 as invoiced_minor,
        0 as final_count,
        0 as invoice_count,
        0 as cleared_count,
        quantity,
        row_count,
        last_date,
        cast(null as date) as invoiced_on,
        cast(null as varchar) as invoice_id
    from changes

    union all

    select
        invoices.usage_period_id,
        invoices.accounting_period_index,
        invoices.effective_period_index,
        0 as accrued_minor,
        0 as fallen_short_minor,
        invoices.amount_minor as invoiced_minor,
        case
            when invoices.period_end is null then 1
            when {{ accounting_date('invoices.period_end') }} >= periods.ends_on then 1
            else 0
        end as final_count,
        1 as invoice_count,
        case when invoices.has_invoice_line then 1 else 0 end as cleared_count,
        0 as quantity,
        0 as row_count,
        cast(null as date) as last_date,
        invoices.finalised_on as invoiced_on,
        invoices.invoice_id
    from invoices
    inner join periods
        on invoices.usage_period_id = periods.usage_period_id

),

moved as (

    select
        usage_period_id,
        accounting_period_index,
        effective_period_index,
        sum(accrued_minor) as accrued_minor,
        sum(fallen_short_minor) as fallen_short_minor,
        sum(invoiced_minor) as invoiced_minor,
        sum(final_count) as final_count,
        sum(invoice_count) as invoice_count,
        sum(cleared_count) as cleared_count,
        sum(quantity) as quantity,
        sum(row_count) as row_count,
        max(last_date) as last_date,
        max(invoiced_on) as invoiced_on,
        case when min(invoice_id) = max(invoice_id) then max(invoice_id) end as invoice_id
    from booked
    group by usage_period_id, accounting_period_index, effective_period_index

),

cumulated as (

    select
        *,
        sum(accrued_minor + fallen_short_minor) over book_order as accrued_so_far,
        sum(invoiced_minor) over book_order as invoiced_so_far,
        sum(cleared_count) over book_order > 0 as is_cleared,
        sum(final_count) over book_order > 0 as is_final,
        sum(final_count) over book_order - final_count > 0 as was_final
    from moved
    window book_order as (
        partition by usage_period_id
        order by accounting_period_index, effective_period_index
        rows between unbounded preceding and current row
    )

),

settled as (

    select
        *,
        case when is_final then accrued_so_far else invoiced_so_far end as settled_minor,
        case
            when was_final then accrued_so_far - accrued_minor - fallen_short_minor
            else invoiced_so_far - invoiced_minor
        end as settled_before_minor,
        case when is_final then invoiced_so_far - accrued_so_far else 0 end
            as difference_minor,
        case
            when was_final
                then
                    invoiced_so_far - invoiced_minor
                    - (accrued_so_far - accrued_minor - fallen_short_minor)
            else 0
        end as difference_before_minor
    from cumulated

)

select
    usage_period_id,
    accounting_period_index,
    effective_period_index,
    cast(accrued_minor as bigint) as accrued_minor,
    cast(fallen_short_minor as bigint) as fallen_short_minor,
    cast(invoiced_minor as bigint) as invoiced_minor,
    cast(settled_minor - settled_before_minor as bigint) as settled_minor,
    cast(difference_minor - difference_before_minor as bigint) as difference_minor,
    cast(
        case when is_final then 0 else accrued_so_far - invoiced_so_far end as bigint
    ) as unbilled_minor,
    is_final,
    was_final,
    case when is_cleared then 'credit_clearing' else 'accounts_receivable' end
        as billing_account,
    cast(quantity as numeric(28, 9)) as quantity,
    cast(row_count as bigint) as row_count,
    cast(invoice_count as bigint) as invoice_count,
    last_date,
    invoiced_on,
    invoice_id
from settled
