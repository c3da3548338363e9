-- What customers hold today: units that remain, the overdraft that no grant has
-- settled yet, the deferred revenue behind them, and money that is owed to them.
-- depends_on: {{ ref('rec_seal_breaks') }}
with

balances as (

    select * from {{ ref('int_credit_grant_balances') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

source_ties as (

    select * from {{ ref('int_customer_credit_ties') }}

),

as_of_period as (

    select * from {{ ref('int_as_of_period') }}

),

measured as (

    select
        grants.source_system,
        grants.customer_id,
        grants.credit_unit,
        grants.currency,
        grants.funding,
        grants.is_capped,
        grants.presentation,
        grants.price_numerator,
        grants.price_denominator,
        coalesce(grants.minor_unit, 1) as minor_unit,
        balances.closing_units,
        balances.closing_deferred_minor,
        cast(greatest(balances.closing_units, 0) as numeric(38, 9)) as positive_units
    from balances
    inner join grants
        on
            balances.source_system = grants.source_system
            and balances.grant_id = grants.grant_id

),

scaled as (

    select
        *,
        case when presentation = 'owed' then {{ nano_units('positive_units') }} else 0 end
            as owed_nano
    from measured

),

funded as (

    select
        source_system,
        customer_id,
        credit_unit,
        currency,
        minor_unit,
        closing_deferred_minor,
        {{ value_minor('owed_nano', 'price_numerator', 'price_denominator') }} as owed_minor,
        case
            when
                is_capped
                and funding not in ('promotional', 'goodwill', 'on_account')
                then closing_units
            else 0
        end as paid_units,
        case when funding = 'promotional' then closing_units else 0 end as promotional_units,
        case when funding = 'goodwill' then closing_units else 0 end as goodwill_units,
        case when funding = 'on_account' then closing_units else 0 end as on_account_units,
        case when not is_capped then -closing_units else 0 end as unsettled_overdraft_units,
        case when closing_units > 0 then 1 else 0 end as open_grants
    from scaled

),

summed as (

    select
        source_system,
        customer_id,
        credit_unit,
        currency,
        cast(sum(paid_units) as numeric(38, 9)) as paid_units,
        cast(sum(promotional_units) as numeric(38, 9)) as promotional_units,
        cast(sum(unsettled_overdraft_units) as numeric(38, 9)) as unsettled_overdraft_units,
        cast(sum(closing_deferred_minor) as bigint) as deferred_minor,
        {{ major_units('sum(closing_deferred_minor)', 'max(minor_unit)') }} as deferred_amount,
        cast(sum(open_grants) as bigint) as open_grants,
        cast(sum(goodwill_units) as numeric(38, 9)) as goodwill_units,
        cast(sum(on_account_units) as numeric(38, 9)) as on_account_units,
        cast(sum(owed_minor) as bigint) as owed_minor,
        {{ major_units('sum(owed_minor)', 'max(minor_unit)') }} as owed_amount
    from funded
    group by source_system, customer_id, credit_unit, currency

)

select
    summed.source_system,
    summed.customer_id,
    summed.credit_unit,
    summed.currency,
    as_of_period.accounting_period,
    summed.paid_units,
    summed.promotional_units,
    summed.unsettled_overdraft_units,
    summed.deferred_minor,
    summed.deferred_amount,
    summed.open_grants,
    summed.goodwill_units,
    summed.on_account_units,
    cast(
        summed.paid_units + summed.promotional_units + summed.goodwill_units
        + summed.on_account_units as numeric(38, 9)
    ) as available_units,
    -- Where the source says one balance of several currencies, no row can have it.
    case
        when
            count(*) over (
                partition by summed.source_system, summed.customer_id, summed.credit_unit
            ) = 1
            then source_ties.expected
    end as source_units,
    summed.owed_minor,
    summed.owed_amount
from summed
cross join as_of_period
left join source_ties
    on
        summed.source_system = source_ties.source_system
        and summed.credit_unit = source_ties.credit_unit
        and (
            summed.customer_id = source_ties.customer_id
            or (summed.customer_id is null and source_ties.customer_id is null)
        )
