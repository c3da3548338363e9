-- One row per grant whose expiry follows from its date alone and version of its row:
-- from which accounting period on the version counts, and when what is left expires by
-- it. The oldest version counts from the beginning, a later one from the first period
-- that was open when it was recorded; a newer one takes its place.
with

versions as (

    select * from {{ ref('int_credit_grant_versions') }}
    where
        input_problem is null
        and copy_number = 1
        and (is_current or version_reason = 'superseded_version')

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}
    where
        expiry_policy = 'synthesise'
        and grant_disposition = 'terms'
        and is_capped

),

close_intervals as (

    select * from {{ ref('int_close_intervals') }}

),

accounting_days as (

    select * from {{ ref('int_accounting_days') }}
    where is_counted

),

numbered as (

    select
        versions.source_system,
        versions.grant_id,
        versions.dated_at,
        versions.expires_at,
        {{ accounting_date('versions.expires_at') }} as expires_on,
        -- What was left when the books start has not expired before.
        coalesce(grants.opening_period_index + 1, 0) as first_period_index,
        row_number() over (
            partition by versions.source_system, versions.grant_id order by versions.dated_at
        ) as version_number,
        -- Of what begins only after its end nothing expires by itself.
        coalesce(versions.effective_at <= versions.expires_at, true) as may_expire
    from versions
    inner join grants
        on
            versions.source_system = grants.source_system
            and versions.grant_id = grants.grant_id

),

-- An expiry is known when it happens: a period that was closed before stays as it was.
placed as (

    select
        numbered.*,
        accounting_days.period_index as due_period_index,
        happened.first_open_period_index as due_open_period_index,
        case when numbered.version_number = 1 then 0 else recorded.first_open_period_index end
            as from_period_index,
        numbered.may_expire
        and accounting_days.period_index is not null
        and happened.known_interval is not null as is_due
    from numbered
    left join close_intervals as recorded
        on
            numbered.dated_at >= recorded.known_from
            and numbered.dated_at < recorded.known_to
    left join close_intervals as happened
        on
            numbered.expires_at >= happened.known_from
            and numbered.expires_at < happened.known_to
    left join accounting_days
        on numbered.expires_on = accounting_days.accounting_date
    where numbered.version_number = 1 or recorded.known_interval is not null

),

final as (

    select
        source_system,
        grant_id,
        dated_at as known_at,
        expires_on,
        from_period_index,
        min(from_period_index) over (
            partition by source_system, grant_id order by version_number
            rows between 1 following and unbounded following
        ) as to_period_index,
        case when is_due then greatest(due_period_index, first_period_index) end
            as expiry_period_index,
        case
            when is_due
                then greatest(due_period_index, first_period_index, due_open_period_index)
        end as posting_period_index
    from placed

)

select * from final
where to_period_index is null or from_period_index < to_period_index
