-- One row per line in the books: the parts among which an event on it is split are
-- those of its invoice, or its own where it has none.
with

parts as (

    select * from {{ ref('int_service_line_parts') }}
    where part_number in (0, 1)

)

select
    source_system,
    line_id,
    min(currency) as currency,
    max(booked_period_index) as booked_period_index,
    bool_or(booked_date is not null) as is_invoiced,
    max(case when booked_date is null then known_at else booked_known_at end) as known_at,
    min(
        case
            when booked_date is not null and billing_account = 'accounts_receivable'
                then invoice_id
        end
    ) as invoice_id,
    min(
        case
            when
                booked_date is not null
                and invoice_id is not null
                and billing_account = 'accounts_receivable'
                then 'invoice ' || invoice_id
            else 'line ' || line_id
        end
    ) as scope_id
from parts
group by source_system, line_id
