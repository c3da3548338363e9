-- One row per line that finance excluded after the period that it posted to was
-- closed: all that is left of it is reversed when it was excluded. What was paid for
-- it goes to exclusion, else its receivable is taken back.
{{ config(materialized='table') }}

with

exclusions as (

    select * from {{ ref('int_service_line_exclusions') }}
    where is_closed

),

lines as (

    select * from {{ ref('int_service_lines') }}
    where line_reason is null

),

scopes as (

    select * from {{ ref('int_service_line_scopes') }}

),

settlements as (

    select * from {{ ref('int_settlements') }}
    where settlement_reason is null and invoice_id is not null

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}

),

known_floors as (

    select * from {{ ref('int_known_floors') }}

),

placed as (

    select
        lines.source_system,
        lines.source_table,
        lines.source_key,
        lines.line_id,
        lines.invoice_id,
        lines.currency,
        lines.is_booked,
        lines.billing_account,
        lines.amount_minor + lines.tax_minor as line_minor,
        scopes.scope_id,
        exclusions.excluded_at,
        {{ accounting_date('exclusions.excluded_at') }} as effective_on,
        days.period_index as effective_period_index,
        greatest(days.period_index, known.first_open_period_index) as accounting_period_index
    from exclusions
    inner join lines
        on
            exclusions.source_system = lines.source_system
            and exclusions.line_id = lines.line_id
    inner join scopes
        on
            lines.source_system = scopes.source_system
            and lines.line_id = scopes.line_id
    inner join accounting_days as days
        on {{ accounting_date('exclusions.excluded_at') }} = days.accounting_date
    inner join known_floors as known
        on
            cast(exclusions.excluded_at as date) = known.known_date
            and exclusions.excluded_at >= known.known_from
            and exclusions.excluded_at < known.known_to

),

-- What is settled later leaves the exclusion as it was.
settled_before as (

    select distinct
        placed.source_system,
        placed.line_id
    from placed
    inner join settlements
        on
            placed.source_system = settlements.source_system
            and placed.invoice_id = settlements.invoice_id
            and (
                placed.accounting_period_index > settlements.accounting_period_index
                or (
                    placed.accounting_period_index = settlements.accounting_period_index
                    and placed.excluded_at >= settlements.effective_at
                )
            )

)

select
    placed.source_system,
    placed.source_table,
    placed.source_key,
    'exclusion:' || placed.line_id as event_id,
    'exclusion' as event_type,
    cast(null as varchar) as restores_event_id,
    placed.scope_id,
    placed.invoice_id,
    placed.line_id,
    cast(null as varchar) as payment_id,
    placed.currency,
    case
        when not placed.is_booked then 'unbilled_receivable'
        when placed.billing_account = 'cash' or settled_before.line_id is not null
            then 'exclusion'
        else 'accounts_receivable'
    end as settlement_account,
    cast(null as bigint) as amount_minor,
    placed.line_minor,
    placed.effective_on,
    placed.excluded_at as effective_at,
    placed.effective_period_index,
    placed.accounting_period_index
from placed
left join settled_before
    on
        placed.source_system = settled_before.source_system
        and placed.line_id = settled_before.line_id
