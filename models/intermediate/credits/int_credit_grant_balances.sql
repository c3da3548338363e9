-- One row per grant with movements: its units and deferred value to date.
with

grant_periods as (

    select * from {{ ref('fct_credit_grant_periods') }}

),

final as (

    select
        source_system,
        grant_id,
        sum(granted_units + adjusted_units) as granted_units,
        sum(consumed_units + expired_units + revoked_units) as released_units,
        sum(granted_units + adjusted_units - consumed_units - expired_units - revoked_units)
            as closing_units,
        sum(granted_minor + adjusted_minor - consumed_minor - expired_minor - revoked_minor)
            as closing_deferred_minor
    from grant_periods
    group by source_system, grant_id

)

select * from final
