-- Dr fx_loss, Cr accounts_receivable: what a settled receivable was carried at
-- above what it is worth; a gain is negative. Only what earlier periods have
-- not realised.
with

receivables as (

    select * from {{ ref('int_fx_receivables') }}

),

final as (

    select
        entity_id,
        source_system,
        'invoice' as obligation_type,
        invoice_id as obligation_id,
        customer_id,
        cast(null as varchar) as product_id,
        invoice_id,
        currency,
        accounting_period_index,
        accounting_period_index as effective_period_index,
        booked_date,
        entry_date,
        'accounts_receivable' as other_account,
        functional_minor - receivable_minor
        - lag(functional_minor - receivable_minor, 1, 0) over (
            partition by entity_id, source_system, invoice_id, currency
            order by accounting_period_index
        ) as loss_minor
    from receivables

)

select * from final
