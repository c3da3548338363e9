-- One row per invoice of which something took whatever was left (a void, a
-- write-off, a payment outside the source): what is receivable of it since.
with

claims as (

    select * from {{ ref('int_receivable_claims') }}

),

moved as (

    select
        *,
        row_number() over (
            partition by source_system, invoice_id
            order by move_number desc
        ) = 1 as is_last,
        case
            when move_type = 'void' and amount_minor is null then 0
            when move_type = 'uncollectible' then least(receivable_minor, 0)
            when move_type = 'out_of_band_payment'
                then receivable_minor + recovered_minor + coalesce(amount_minor, -claim_minor)
            else receivable_minor + recovered_minor + amount_minor
        end as receivable_after
    from claims

)

select
    source_system,
    invoice_id,
    cast(receivable_after as bigint) as receivable_minor
from moved
where is_last
