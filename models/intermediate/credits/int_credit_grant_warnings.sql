-- Grants (and pools) whose rows are in the books, but not without a doubt: one row per
-- grant and warning, with the units in question.
with

balances as (

    select * from {{ ref('int_credit_grant_balances') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

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
        grants.expires_at
    from balances
    inner join grants
        on
            balances.source_system = grants.source_system
            and balances.grant_id = grants.grant_id
            and grants.is_capped

),

warnings as (

    select
        source_system,
        grant_id,
        'overdrawn' as reason_code,
        released_units - greatest(granted_units, 0) as quantity
    from capped
    where released_units > greatest(granted_units, 0)

    union all

    select
        source_system,
        grant_id,
        'over_reversed' as reason_code,
        -released_units as quantity
    from balances
    where released_units < 0

    union all

    select
        source_system,
        grant_id,
        'over_adjusted' as reason_code,
        -granted_units as quantity
    from balances
    where granted_units < 0

    union all

    -- The day itself is left to the source, which may expire credits at its end.
    select
        source_system,
        grant_id,
        'expired_with_balance' as reason_code,
        closing_units as quantity
    from capped
    where
        closing_units > 0
        and {{ accounting_date('expires_at') }} < cast('{{ as_of_date() }}' as date)

    union all

    select
        source_system,
        grant_id,
        'source_balance_drift' as reason_code,
        abs(drift_units) as quantity
    from source_balances
    where drift_units <> 0

    union all

    select
        sold_late.source_system,
        sold_late.grant_id,
        'invoice_line_came_late' as reason_code,
        sold_late.granted_units as quantity
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
        'the movements of the grant' as subject
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
