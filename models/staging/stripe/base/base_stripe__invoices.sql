{{ config(enabled='stripe' in var('sources') | string, materialized='table') }}

with

source as (

    select * from {{ raw('stripe', 'invoices') }}

),

copies as (

    {{ mark_copies('source', 'id', [
        'customer_id', 'number', 'currency', 'status', 'total', 'paid_out_of_band',
        'due_date', 'status_transitions_finalized_at', 'status_transitions_paid_at',
        'status_transitions_voided_at', 'status_transitions_marked_uncollectible_at'
    ]) }}

),

renamed as (

    select
        ---------- ids and strings
        source_key,
        copy_number,
        copy_reason,
        row_key as invoice_id,
        {{ text_value('customer_id') }} as customer_id,
        {{ text_value('number') }} as invoice_number,
        upper(trim({{ text_value('currency') }})) as currency,
        lower(trim({{ text_value('status') }})) as status,

        ---------- numerics
        {{ parse_decimal('total', 28, 9) }} as total,

        ---------- booleans
        {{ flag_value('paid_out_of_band') }} as is_paid_out_of_band,

        ---------- timestamps
        {{ parse_epoch_or_timestamp('due_date') }} as due_at,
        {{ parse_epoch_or_timestamp('status_transitions_finalized_at') }} as finalised_at,
        {{ parse_epoch_or_timestamp('status_transitions_paid_at') }} as paid_at,
        {{ parse_epoch_or_timestamp('status_transitions_voided_at') }} as voided_at,
        {{ parse_epoch_or_timestamp('status_transitions_marked_uncollectible_at') }}
            as uncollectible_at,

        ---------- as it was
        total as raw_total,
        paid_out_of_band as raw_paid_out_of_band,
        due_date as raw_due_date,
        status_transitions_finalized_at as raw_finalised_at,
        status_transitions_paid_at as raw_paid_at,
        status_transitions_voided_at as raw_voided_at,
        status_transitions_marked_uncollectible_at as raw_uncollectible_at
    from copies

),

checked as (

    select
        *,
        coalesce(
            {{ decimal_problem('raw_total', 'total', 28, 9) }},
            {{ timestamp_problem('raw_due_date', 'due_at') }},
            {{ timestamp_problem('raw_finalised_at', 'finalised_at') }},
            {{ timestamp_problem('raw_paid_at', 'paid_at') }},
            {{ timestamp_problem('raw_voided_at', 'voided_at') }},
            {{ timestamp_problem('raw_uncollectible_at', 'uncollectible_at') }},
            {{ flag_problem('raw_paid_out_of_band', 'is_paid_out_of_band') }},
            case
                when status not in ('draft', 'open', 'paid', 'uncollectible', 'void', 'deleted')
                    then 'unknown_status'
                when currency is null then 'unknown_currency'
                -- Not a draft, so it was finalised, and ended as its status says.
                when status in ('open', 'paid', 'uncollectible', 'void') and finalised_at is null
                    then 'missing_timestamp'
                when status = 'void' and voided_at is null then 'missing_timestamp'
                when status = 'uncollectible' and uncollectible_at is null then 'missing_timestamp'
            end
        ) as input_problem
    from renamed

),

final as (

    select
        source_key,
        invoice_id,
        customer_id,
        invoice_number,
        currency,
        status,
        total,
        is_paid_out_of_band,
        due_at,
        finalised_at,
        paid_at,
        voided_at,
        uncollectible_at,
        copy_number = 1 as is_first_copy,
        coalesce(copy_reason, input_problem) as row_reason
    from checked

)

select * from final
