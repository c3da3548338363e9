-- An invoice is in the books once it was issued. Recurly's `pending` is an issued
-- invoice that waits for its payment; only a draft is none. Stored, for most models
-- of the room read it.
{{ config(enabled='recurly' in var('sources') | string, materialized='table') }}

with

source as (

    select * from {{ raw('recurly', 'invoices') }}

),

copies as (

    {{ mark_copies('source', 'id', [
        'invoice_number', 'account_id', 'type', 'origin', 'state', 'currency', 'subtotal', 'tax',
        'total', 'balance', 'created_at', 'closed_at', 'updated_at',
    ], version='updated_at') }}

),

renamed as (

    select
        ---------- ids
        source_key,
        copy_number,
        copy_reason,
        row_key as invoice_id,
        {{ text_value('invoice_number') }} as invoice_number,
        {{ text_value('account_id') }} as customer_id,

        ---------- strings
        lower(trim(cast(type as varchar))) as invoice_type,
        nullif(lower(trim(cast(origin as varchar))), '') as origin,
        lower(trim(cast(state as varchar))) as state,
        upper(trim({{ text_value('currency') }})) as currency,

        ---------- numerics
        {{ parse_decimal('total', 28, 9) }} as total,
        {{ parse_decimal('balance', 28, 9) }} as balance,

        ---------- timestamps
        {{ parse_timestamp('created_at') }} as created_at,
        {{ parse_timestamp('closed_at') }} as closed_at,
        {{ parse_timestamp('updated_at') }} as updated_at,

        ---------- as it was
        total as raw_total,
        balance as raw_balance,
        created_at as raw_created_at,
        closed_at as raw_closed_at,
        updated_at as raw_updated_at
    from copies

),

checked as (

    select
        *,
        coalesce(invoice_type = 'credit', false) as is_credit,
        coalesce(
            {{ amount_problem('raw_total', 'total', is_required=false) }},
            {{ amount_problem('raw_balance', 'balance', is_required=false) }},
            {{ timestamp_problem('raw_created_at', 'created_at') }},
            {{ timestamp_problem('raw_closed_at', 'closed_at') }},
            {{ timestamp_problem('raw_updated_at', 'updated_at') }},
            case when created_at is null then 'missing_timestamp' end
        ) as input_problem
    from renamed

),

final as (

    select
        *,
        coalesce(closed_at, updated_at) as ended_at,
        coalesce(
            copy_reason,
            case
                when is_credit and {{ ignore_credit_events() }} then 'credit_events_ignored'
                when coalesce(invoice_type, '') not in ('charge', 'legacy', 'credit')
                    then 'unknown_invoice_type'
                when state = 'draft' then 'not_finalised'
                when
                    coalesce(state, '') not in (
                        'open', 'pending', 'processing', 'past_due', 'paid', 'closed', 'failed',
                        'voided'
                    )
                    then 'unknown_invoice_state'
                -- A credit that cannot be read is a grant that cannot be.
                when is_credit then null
                when input_problem is not null then input_problem
                when
                    state in ('paid', 'failed', 'voided')
                    and coalesce(closed_at, updated_at) is null
                    then 'missing_timestamp'
                when state = 'paid' and total is null then 'missing_amount'
            end
        ) as row_reason
    from checked

)

select * from final
