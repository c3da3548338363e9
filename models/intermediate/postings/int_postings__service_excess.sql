-- Dr other_loss, Cr the account on the other side of the event: more was refunded,
-- disputed or credited than its lines had left. Dr exclusion for what of it belongs
-- to lines that finance excluded.
with

excess as (

    select * from {{ ref('int_line_event_excess') }}

),

invoices as (

    select * from {{ ref('int_invoice_totals') }}

),

lines as (

    select * from {{ ref('int_service_lines') }}
    where line_reason is null

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

names as (

    select * from {{ ref('int_service_event_names') }}

),

described as (

    select
        excess.*,
        coalesce(invoices.entity_id, lines.entity_id) as entity_id,
        coalesce(invoices.customer_id, lines.customer_id) as customer_id,
        coalesce(excess.line_id, excess.invoice_id) as obligation_id
    from excess
    left join invoices
        on
            excess.source_system = invoices.source_system
            and excess.invoice_id = invoices.invoice_id
    left join lines
        on
            excess.source_system = lines.source_system
            and excess.line_id = lines.line_id

)

select
    described.entity_id,
    described.source_system,
    'invoice' as obligation_type,
    described.obligation_id,
    described.customer_id,
    cast(null as varchar) as product_id,
    names.entry_type as event_type,
    described.accounting_period_index,
    described.effective_period_index,
    max(described.effective_on) as booked_date,
    max(described.effective_on) as last_date,
    described.loss_account as debit_account,
    described.settlement_account as credit_account,
    cast(sum(described.excess_minor) as bigint) as value_minor,
    described.currency,
    currencies.minor_unit,
    0 as units,
    count(*) as source_entry_count,
    case described.loss_account
        when 'exclusion' then 'the share of what is excluded'
        else 'contra never exceeds the invoice'
    end as policy,
    described.invoice_id,
    cast(null as varchar) as settled_currency,
    cast(null as bigint) as settled_minor
from described
inner join names
    on described.event_type = names.event_type
inner join currencies
    on described.currency = currencies.currency
group by
    described.entity_id,
    described.source_system,
    described.obligation_id,
    described.customer_id,
    names.entry_type,
    described.accounting_period_index,
    described.effective_period_index,
    described.loss_account,
    described.settlement_account,
    described.currency,
    currencies.minor_unit,
    described.invoice_id
