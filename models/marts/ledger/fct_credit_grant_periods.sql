-- depends_on: {{ ref('rec_seal_breaks') }}
with

changes as (

    select * from {{ ref('int_credit_grant_period_values') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

periods as (

    select * from {{ ref('dim_accounting_periods') }}

),

spans as (

    select * from {{ ref('int_period_spans') }}

),

as_of_period as (

    select * from {{ ref('int_as_of_period') }}

),

cumulated as (

    select
        *,
        sum(change_units) over life_to_date as closing_units,
        sum(change_minor) over life_to_date as closing_minor,
        sum(granted_minor + adjusted_minor) over life_to_date as granted_to_date_minor,
        sum(valued_granted_units) over life_to_date as valued_granted_to_date_units,
        sum(valued_released_units) over life_to_date as valued_released_to_date_units,
        -sum(held_back_minor) over life_to_date as released_ahead_to_date_minor,
        lead(accounting_period_index) over (
            partition by source_system, grant_id order by accounting_period_index
        ) as next_period_index
    from changes
    window life_to_date as (
        partition by source_system, grant_id
        order by accounting_period_index
        rows between unbounded preceding and current row
    )

),

-- A balance stands until the next movement; the last one, unless it is zero in units
-- and value, until the period of as_of_date.
standing as (

    select
        cumulated.*,
        case
            when cumulated.next_period_index is not null then cumulated.next_period_index - 1
            when cumulated.closing_units = 0 and cumulated.closing_minor = 0
                then cumulated.accounting_period_index
            else greatest(cumulated.accounting_period_index, as_of_period.period_index)
        end - cumulated.accounting_period_index + 1 as period_count
    from cumulated
    cross join as_of_period

),

dense as (

    select
        standing.*,
        grants.customer_id,
        grants.credit_unit,
        grants.currency,
        periods.accounting_period,
        spans.period_offset = 0 as has_moved
    from standing
    inner join spans
        on standing.period_count = spans.period_count
    inner join periods
        on standing.accounting_period_index + spans.period_offset = periods.period_index
    inner join grants
        on
            standing.source_system = grants.source_system
            and standing.grant_id = grants.grant_id

),

final as (

    select
        source_system,
        grant_id,
        customer_id,
        credit_unit,
        currency,
        accounting_period,
        cast(
            closing_units - case when has_moved then change_units else 0 end as numeric(28, 9)
        ) as opening_units,
        cast(case when has_moved then granted_units else 0 end as numeric(28, 9)) as granted_units,
        cast(case when has_moved then consumed_units else 0 end as numeric(28, 9))
            as consumed_units,
        cast(case when has_moved then expired_units else 0 end as numeric(28, 9)) as expired_units,
        cast(case when has_moved then revoked_units else 0 end as numeric(28, 9)) as revoked_units,
        cast(case when has_moved then adjusted_units else 0 end as numeric(28, 9))
            as adjusted_units,
        cast(closing_units as numeric(28, 9)) as closing_units,
        cast(closing_minor - case when has_moved then change_minor else 0 end as bigint)
            as opening_deferred_minor,
        cast(case when has_moved then granted_minor else 0 end as bigint) as granted_minor,
        cast(case when has_moved then consumed_minor else 0 end as bigint) as consumed_minor,
        cast(case when has_moved then expired_minor else 0 end as bigint) as expired_minor,
        cast(case when has_moved then revoked_minor else 0 end as bigint) as revoked_minor,
        cast(case when has_moved then adjusted_minor else 0 end as bigint) as adjusted_minor,
        cast(closing_minor as bigint) as closing_deferred_minor,
        cast(granted_to_date_minor as bigint) as granted_to_date_minor,
        cast(valued_granted_to_date_units as numeric(28, 9)) as valued_granted_to_date_units,
        cast(valued_released_to_date_units as numeric(28, 9)) as valued_released_to_date_units,
        cast(case when has_moved then recognised_minor else 0 end as bigint)
            as breakage_ahead_minor,
        cast(case when has_moved then unclaimed_minor else 0 end as bigint) as unclaimed_minor,
        cast(released_ahead_to_date_minor as bigint) as released_ahead_to_date_minor
    from dense

)

select * from final
