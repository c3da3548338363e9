-- Why a figure is not what the build before had: one row per build, entity, account,
-- currency, accounting period and class of change. A fold over the history of builds.
with

builds as (

    select * from {{ ref('fct_builds') }}
    where books_id = '{{ books_id() }}'

),

entries as (

    select * from {{ ref('fct_build_entries') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

sides as (

    select
        *,
        debit_account as account,
        sign * amount_minor as net_minor,
        sign * functional_amount_minor as functional_net_minor
    from entries

    union all

    select
        *,
        credit_account as account,
        -sign * amount_minor as net_minor,
        -sign * functional_amount_minor as functional_net_minor
    from entries

),

classed as (

    select
        builds.build_number,
        sides.entity_id,
        sides.account,
        sides.currency,
        sides.accounting_period,
        sides.change_class,
        case max(accounts.normal_side) when 'debit' then 1 else -1 end
        * sum(sides.net_minor) as change_minor,
        case max(accounts.normal_side) when 'debit' then 1 else -1 end
        * sum(sides.functional_net_minor) as functional_change_minor,
        count(distinct sides.journal_entry_id) as entry_count
    from sides
    inner join builds
        on sides.build_id = builds.build_id
    inner join accounts
        on sides.account = accounts.account
    group by
        builds.build_number,
        sides.entity_id,
        sides.account,
        sides.currency,
        sides.accounting_period,
        sides.change_class

),

cumulated as (

    select
        *,
        sum(change_minor) over (
            partition by entity_id, account, currency, accounting_period
            order by build_number
        ) as current_minor,
        sum(change_minor) over (
            partition by entity_id, account, currency, accounting_period, build_number
        ) as whole_change_minor
    from classed

)

select
    builds.previous_build_id as from_build_id,
    builds.build_id as to_build_id,
    builds.build_number,
    builds.built_at,
    cumulated.entity_id,
    cumulated.account,
    cumulated.currency,
    cumulated.accounting_period,
    cumulated.change_class,
    cast(cumulated.current_minor - cumulated.whole_change_minor as bigint) as previous_minor,
    cast(cumulated.change_minor as bigint) as change_minor,
    cast(cumulated.current_minor as bigint) as current_minor,
    {{ major_units('cumulated.change_minor', 'currencies.minor_unit') }} as change_amount,
    cast(cumulated.functional_change_minor as bigint) as functional_change_minor,
    cast(cumulated.entry_count as bigint) as entry_count
from cumulated
inner join builds
    on cumulated.build_number = builds.build_number
inner join currencies
    on cumulated.currency = currencies.currency
where cumulated.change_minor <> 0 or cumulated.functional_change_minor <> 0
