-- Every ledger row (or part of one) and the journal entry that it supports; one row
-- with a null entry where there is none.
with

ledger_rows as (

    select * from {{ ref('int_credit_ledger_rows') }}

),

grants as (

    select * from {{ ref('int_credit_grants_priced') }}

),

-- What is revoked beyond what was left has its rows behind two entries.
journal as (

    select
        *,
        event_type = 'credit_usage_refunded' as is_excess,
        case event_type when 'credit_usage_refunded' then 'credit_revoked' else event_type end
            as row_event_type
    from {{ ref('int_credit_journal_effects') }}

),

supported as (

    select
        ledger_rows.source_system,
        ledger_rows.source_table,
        ledger_rows.source_key,
        ledger_rows.raw_key,
        ledger_rows.invoice_id,
        ledger_rows.disposition,
        ledger_rows.reason,
        ledger_rows.quantity,
        journal.journal_entry_id,
        journal.is_discount,
        journal.is_exclusion,
        journal.is_excess,
        grants.price_numerator,
        grants.price_denominator,
        grants.minor_unit,
        case
            when journal.journal_entry_id is not null
                then {{ nano_units('ledger_rows.quantity') }}
        end as nano
    from ledger_rows
    left join grants
        on
            ledger_rows.source_system = grants.source_system
            and ledger_rows.grant_id = grants.grant_id
    left join journal
        on
            ledger_rows.source_system = journal.source_system
            and ledger_rows.grant_id = journal.grant_id
            and ledger_rows.event_type = journal.row_event_type
            and ledger_rows.accounting_period_index = journal.accounting_period_index
            and ledger_rows.effective_period_index = journal.effective_period_index
            and coalesce(ledger_rows.invoice_id, '') = coalesce(journal.invoice_id, '')

),

whole as (

    select
        *,
        {{ value_whole('nano', 'price_numerator', 'price_denominator') }} as whole
    from supported

),

valued as (

    select
        *,
        cast({{ value_unrounded(
            'nano', 'whole', 'price_numerator', 'price_denominator'
        ) }} * minor_unit as numeric(38, 9)) as cost
    from whole

)

select
    source_system,
    source_table,
    source_key,
    raw_key,
    invoice_id,
    disposition,
    reason,
    journal_entry_id,
    quantity,
    -- What credits pay and did not cost is the discount; what of an exclusion or an excess
    -- is this row's is not known.
    case
        when journal_entry_id is null or is_exclusion or is_excess then null
        when is_discount and price_numerator = 0 then cast(quantity as numeric(38, 9))
        when is_discount then cast(quantity - cost as numeric(38, 9))
        else cost
    end as amount_unrounded
from valued
