-- The derived journal: what the exports, the seeds and the policies say, a pure function
-- without memory. What is posted of it, fct_journal_entries, also knows what earlier
-- closes sealed.
{{ config(materialized='table') }}

with

entries as (

    select * from {{ ref('int_journal_entries') }}

),

-- Nothing is read of either without a functional currency.
functional_amounts as (

    select * from {{ ref('int_functional_amounts') }}
    where {{ functional_currency_value() }} is not null

),

fx_entries as (

    select
        *,
        {{ functional_currency_value() }} as functional_currency
    from {{ ref('int_fx_entries') }}
    where {{ functional_currency_value() }} is not null

),

translated as (

    select
        entries.*,
        {{ functional_currency_value() }} as functional_currency,
        case
            when entries.currency = {{ functional_currency_value() }} then entries.amount_minor
            else functional_amounts.functional_amount_minor
        end as functional_amount_minor,
        case
            when entries.currency = {{ functional_currency_value() }} then entries.amount
            else functional_amounts.functional_amount
        end as functional_amount
    from entries
    left join functional_amounts
        on entries.journal_entry_id = functional_amounts.journal_entry_id

),

final as (

    select {{ journal_columns('translated') }}
    from translated

    union all

    select {{ journal_columns('fx_entries') }}
    from fx_entries

)

select * from final
