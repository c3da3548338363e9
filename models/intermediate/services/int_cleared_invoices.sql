-- One row per invoice of which something took whatever was left (a void, a
-- write-off, a payment outside the source): what is receivable of it since.
with

claims as (

    select * from {{ ref('int_receivable_claims') }}

),

exclusions as (

    select * from {{ ref('int_invoice_credits_and_payments') }}
    where kind = 'exclusion'

),

excluded as (

    select
        source_system,
        invoice_id,
        sum(amount_minor) as excluded_minor
    from exclusions
    group by source_system, invoice_id

),

moved as (

    select
        *,
        row_number() over (
            partition by source_system, invoice_id
            order by move_number desc
        ) = 1 as is_last,
        case move_type
            when 'void' then 0
            when 'uncollectible' then least(receivable_minor, 0)
            when 'out_of_band_payment'
                then receivable_minor + recovered_minor + coalesce(amount_minor, -claim_minor)
            else receivable_minor + recovered_minor + amount_minor
        end as receivable_after
    from claims

)

select
    moved.source_system,
    moved.invoice_id,
    cast(moved.receivable_after - coalesce(excluded.excluded_minor, 0) as bigint)
        as receivable_minor
from moved
left join excluded
    on
        moved.source_system = excluded.source_system
        and moved.invoice_id = excluded.invoice_id
where moved.is_last
