-- One row per line that a rule matches: the first by priority among the rules in
-- force on its first date that were known before the period in which the line
-- first posts was closed. A rule that becomes known later never moves it.
{{ config(materialized='table') }}

with

lines as (

    select * from {{ ref('int_service_lines_counted') }}

),

rules as (

    select * from {{ ref('int_recognition_rules') }}
    where is_valid and part_number = 1

),

final as (

    select
        lines.source_system,
        lines.line_id,
        min(rules.rule_number) as rule_number
    from lines
    inner join rules
        on
            lines.first_period_index >= rules.known_floor_index
            and (rules.effective_from is null or lines.first_date >= rules.effective_from)
            and (rules.effective_to is null or lines.first_date < rules.effective_to)
            and (rules.source_system is null or lines.source_system = rules.source_system)
            and (rules.currency is null or lines.currency = rules.currency)
            and (rules.product_id is null or lines.product_id = rules.product_id)
            and (rules.price_id is null or lines.price_id = rules.price_id)
            and (rules.customer_id is null or lines.customer_id = rules.customer_id)
            and (rules.has_period is null or rules.has_period = (lines.starts_on is not null))
            and (
                rules.amount_equals is null
                or lines.amount_minor * lines.minor_unit = rules.amount_equals
            )
            and (
                rules.email_contains is null
                or {{ contains_text('lines.customer_email', 'rules.email_contains') }}
            )
            and (
                rules.description_contains is null
                or {{ contains_text('lines.description', 'rules.description_contains') }}
            )
    group by lines.source_system, lines.line_id

)

select * from final
