-- Grants (and pools) whose rows are in the books, but not without a doubt: one row per
-- grant and warning, with the units in question.
with

balances as (

    select * from {{ ref('int_credit_grant_balances') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

revoked as (

    select
        source_system,
        grant_id,
        sum(units - valued_units) as excess_units
    from {{ ref('int_credit_grant_movements') }}
    where event_rank = 8
    group by source_system, grant_id

),

paid_back as (

    select
        source_system,
        grant_id,
        sum(units) as excess_units
    from {{ ref('int_credit_revocation_excess') }}
    group by source_system, grant_id

),

source_balances as (

    select * from {{ ref('int_credit_source_balances') }}

),

pool_sums as (

    select * from {{ ref('int_credit_pool_sums') }}

),

sold_late as (

    select * from {{ ref('int_credit_grants') }}
    where is_sold_on_invoice and not has_invoice_line

),

-- An overdraft is neither overdrawn nor does it expire.
capped as (

    select
        balances.*,
        grants.expires_at,
        grants.currency,
        grants.presentation,
        greatest(balances.released_units - greatest(balances.granted_units, 0), 0)
            as overdrawn_units,
        greatest(coalesce(revoked.excess_units, 0), 0) as revoked_units,
        coalesce(paid_back.excess_units, 0) as paid_back_units
    from balances
    inner join grants
        on
            balances.source_system = grants.source_system
            and balances.grant_id = grants.grant_id
            and grants.is_capped
    left join revoked
        on
            balances.source_system = revoked.source_system
            and balances.grant_id = revoked.grant_id
    left join paid_back
        on
            balances.source_system = paid_back.source_system
            and balances.grant_id = paid_back.grant_id

),

-- What of the units beyond the grant is still of its revocations.
overdrawn as (

    select
        *,
        least(overdrawn_units, revoked_units) as excess_units
    from capped
    where overdrawn_units > 0

),

warnings as (

    select
        source_system,
        grant_id,
        'overdrawn' as reason_code,
        overdrawn_units - excess_units as quantity,
        cast(null as varchar) as stated_value
    from overdrawn
    where overdrawn_units > excess_units

    union all

    select
        source_system,
        grant_id,
        'refund_above_remaining' as reason_code,
        excess_units - paid_back_units as quantity,
        cast(null as varchar) as stated_value
    from overdrawn
    where excess_units > paid_back_units

    union all

    select
        source_system,
        grant_id,
        'over_reversed' as reason_code,
        -released_units as quantity,
        cast(null as varchar) as stated_value
    from balances
    where released_units < 0

    union all

    select
        source_system,
        grant_id,
        'over_adjusted' as reason_code,
        -granted_units as quantity,
        cast(null as varchar) as stated_value
    from balances
    where granted_units < 0

    union all

    -- The day itself is left to the source, which may expire credits at its end.
    select
        capped.source_system,
        capped.grant_id,
        'expired_with_balance' as reason_code,
        capped.closing_units as quantity,
        case
            when capped.presentation = 'deferred'
                then
                    cast(
                        {{ major_units('capped.closing_deferred_minor', 'currencies.minor_unit') }}
                        as varchar
                    ) || ' ' || capped.currency || ' deferred'
        end as stated_value
    from capped
    left join currencies
        on capped.currency = currencies.currency
    where
        capped.closing_units > 0
        and {{ accounting_date('capped.expires_at') }} < cast('{{ as_of_date() }}' as date)

    union all

    select
        source_system,
        grant_id,
        'source_balance_drift' as reason_code,
        abs(drift_units) as quantity,
        cast(null as varchar) as stated_value
    from source_balances
    where drift_units <> 0

    union all

    select
        sold_late.source_system,
        sold_late.grant_id,
        'invoice_line_came_late' as reason_code,
        sold_late.granted_units as quantity,
        cast(null as varchar) as stated_value
    from sold_late
    inner join grants
        on
            sold_late.source_system = grants.source_system
            and sold_late.grant_id = grants.grant_id
            and grants.presentation = 'deferred'

),

final as (

    select
        warnings.source_system,
        grants.source_table,
        warnings.grant_id as source_key,
        warnings.reason_code,
        warnings.quantity,
        'the movements of the grant' || coalesce(' (' || warnings.stated_value || ')', '')
            as subject
    from warnings
    inner join grants
        on
            warnings.source_system = grants.source_system
            and warnings.grant_id = grants.grant_id

    union all

    select
        source_system,
        source_table,
        source_key,
        'source_balance_drift' as reason_code,
        abs(drift_units) as quantity,
        'the balance of the pool' as subject
    from pool_sums
    where drift_units <> 0

)

select * from final
