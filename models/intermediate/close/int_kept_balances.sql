-- One row per entity, account, currency and accounting period with a balance in the history:
-- what the build before this one had, in the columns of fct_build_balances.
with

logged as (

    select * from {{ earlier_rows('fct_build_balances') }}
    where {{ keeps_build_history() }}

),

builds as (

    select build_id from {{ earlier_rows('fct_builds') }}
    where books_id = '{{ books_id() }}'

),

ranked as (

    select
        logged.*,
        row_number() over (
            partition by
                logged.entity_id, logged.account, logged.currency, logged.accounting_period
            order by logged.build_number desc
        ) as recency
    from logged
    inner join builds
        on logged.build_id = builds.build_id

)

select *
from ranked
where recency = 1
