{{ config(materialized='view') }}

with

entries as (

    select * from {{ ref('fct_journal_entries') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

mappings as (

    select * from {{ ref('int_account_mappings') }}

),

sides as (

    select
        entries.*,
        1 as line_number,
        entries.debit_account as account,
        entries.amount_minor as debit_minor,
        cast(0 as bigint) as credit_minor,
        entries.amount as debit_amount,
        cast(0 as numeric(28, 4)) as credit_amount,
        entries.functional_amount_minor as functional_debit_minor,
        0 * entries.functional_amount_minor as functional_credit_minor
    from entries

    union all

    select
        entries.*,
        2 as line_number,
        entries.credit_account as account,
        cast(0 as bigint) as debit_minor,
        entries.amount_minor as credit_minor,
        cast(0 as numeric(28, 4)) as debit_amount,
        entries.amount as credit_amount,
        0 * entries.functional_amount_minor as functional_debit_minor,
        entries.functional_amount_minor as functional_credit_minor
    from entries

),

final as (

    select
        sides.journal_entry_id,
        sides.line_number,
        sides.accounting_period,
        sides.entity_id,
        sides.account,
        coalesce(
            exact_mappings.gl_code,
            product_mappings.gl_code,
            entity_mappings.gl_code,
            any_mappings.gl_code,
            accounts.gl_code
        ) as gl_code,
        sides.currency,
        sides.debit_minor,
        sides.credit_minor,
        sides.debit_amount,
        sides.credit_amount,
        sides.functional_debit_minor,
        sides.functional_credit_minor,
        sides.functional_currency
    from sides
    left join accounts
        on sides.account = accounts.account
    left join mappings as exact_mappings
        on
            sides.account = exact_mappings.account
            and sides.entity_id = exact_mappings.entity_id
            and sides.product_id = exact_mappings.product_id
    left join mappings as product_mappings
        on
            sides.account = product_mappings.account
            and product_mappings.entity_id is null
            and sides.product_id = product_mappings.product_id
    left join mappings as entity_mappings
        on
            sides.account = entity_mappings.account
            and sides.entity_id = entity_mappings.entity_id
            and entity_mappings.product_id is null
    left join mappings as any_mappings
        on
            sides.account = any_mappings.account
            and any_mappings.entity_id is null
            and any_mappings.product_id is null

)

select * from final
