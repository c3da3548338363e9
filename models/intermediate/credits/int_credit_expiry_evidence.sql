-- One row per grant and accounting period in which units expire, or come back, because
-- of the date of expiry alone: no raw row says so, the grant does. With the journal
-- entry that it supports, null where the units have no value in the books.
with

expiries as (

    select * from {{ ref('int_credit_expiries') }}
    where is_synthesised

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

journal as (

    select * from {{ ref('int_credit_journal_effects') }}
    where event_type in ('credit_expired', 'credit_expiry_reversed')

),

supported as (

    select
        expiries.*,
        grants.price_numerator,
        grants.price_denominator,
        grants.minor_unit,
        journal.journal_entry_id,
        case when journal.journal_entry_id is not null then {{ nano_units('expiries.units') }} end
            as nano
    from expiries
    inner join grants
        on
            expiries.source_system = grants.source_system
            and expiries.grant_id = grants.grant_id
    left join journal
        on
            expiries.source_system = journal.source_system
            and expiries.grant_id = journal.grant_id
            and expiries.accounting_period_index = journal.accounting_period_index
            and expiries.effective_period_index = journal.effective_period_index
            and journal.event_type
            = case expiries.event_rank
                when 0 then 'credit_expiry_reversed'
                else 'credit_expired'
            end

),

whole as (

    select
        *,
        {{ value_whole('nano', 'price_numerator', 'price_denominator') }} as whole
    from supported

)

select
    source_system,
    'synthesised_expiry' as source_table,
    grant_id as source_key,
    'synthesised' as disposition,
    'no_expiry_row' as reason,
    journal_entry_id,
    units as quantity,
    cast({{ value_unrounded(
        'nano', 'whole', 'price_numerator', 'price_denominator'
    ) }} * minor_unit as numeric(38, 9)) as amount_unrounded
from whole
