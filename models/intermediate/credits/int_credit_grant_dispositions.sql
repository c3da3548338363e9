-- One row per raw row that is a grant and nothing else: what became of it.
with

versions as (

    select * from {{ ref('int_credit_grant_versions') }}
    where raw_key is null

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

reasoned as (

    select
        versions.source_system,
        versions.source_table,
        versions.source_key,
        versions.granted_units,
        coalesce(
            versions.version_reason,
            -- What the ledger had by then had terms by then.
            case
                when {{ is_known_later('versions.known_at') }} and grants.known_interval is null
                    then 'known_later'
            end,
            grants.grant_reason
        ) as reason
    from versions
    left join grants
        on
            versions.source_system = grants.source_system
            and versions.grant_id = grants.grant_id
            and versions.is_current

)

select
    *,
    case
        when reason is null then 'terms'
        when
            reason in (
                'superseded_version', 'duplicate', 'known_later', 'payment_pending',
                'payment_failed'
            )
            then 'excluded'
        else 'exception'
    end as disposition
from reasoned
