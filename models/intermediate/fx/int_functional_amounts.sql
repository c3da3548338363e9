-- One row per journal entry in a foreign currency. The amount of an obligation's
-- entry is the change of its translated balance: rounded cumulatively, so that
-- a balance of zero is zero in the functional currency too.
{{ config(materialized='table') }}

with

movements as (

    select * from {{ ref('int_fx_movements') }}

),

obligations as (

    select * from {{ ref('int_fx_obligations') }}

),

settlements as (

    select * from {{ ref('int_fx_settlements') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}
    where currency = {{ functional_currency_value() }}

),

moved as (

    select
        movements.journal_entry_id,
        case
            when obligations.fx_reason is null then abs(
                {{ translated_minor(
                    'movements.minor_after', 'obligations.numerator', 'obligations.denominator'
                ) }}
                - {{ translated_minor(
                    'movements.minor_before', 'obligations.numerator', 'obligations.denominator'
                ) }}
            )
        end as functional_amount_minor
    from movements
    inner join obligations
        on
            movements.source_system = obligations.source_system
            and movements.obligation_type = obligations.obligation_type
            and movements.obligation_id = obligations.obligation_id
            and movements.currency = obligations.currency

),

translated as (

    select
        journal_entry_id,
        functional_amount_minor
    from moved

    union all

    select
        journal_entry_id,
        functional_amount_minor
    from settlements

),

final as (

    select
        translated.journal_entry_id,
        translated.functional_amount_minor,
        {{ major_units('translated.functional_amount_minor', 'currencies.minor_unit') }}
            as functional_amount
    from translated
    cross join currencies

)

select * from final
