-- A period is the first of three pairs of which a day is filled: the override,
-- NetSuite's own, Stripe's copy. NetSuite's ends are the last day and become
-- exclusive here; Stripe's are exclusive already.
{{ config(enabled='netsuite' in var('sources') | string) }}

with

source as (

    select * from {{ raw('netsuite', 'invoice_lines') }}

),

items as (

    select * from {{ ref('base_netsuite__items') }}
    where copy_number = 1

),

copies as (

    {{ mark_copies('source', 'id', [
        'invoice_id', 'line', 'item_id', 'description', 'amount',
        'rev_rec_start_date', 'rev_rec_end_date', 'stripe_start_date', 'stripe_end_date',
        'rev_rec_start_override', 'rev_rec_end_override',
    ]) }}

),

renamed as (

    select
        ---------- ids
        source_key,
        copy_number,
        copy_reason,
        {{ text_value('invoice_id') }} as invoice_id,
        {{ text_value('item_id') }} as item_id,

        ---------- strings
        {{ text_value('description') }} as description,

        ---------- numerics
        {{ parse_decimal('line', 28, 9) }} as line_number,
        {{ parse_decimal('amount', 28, 9) }} as amount,

        ---------- dates
        {{ parse_day('rev_rec_start_override') }} as override_starts_on,
        {{ parse_day('rev_rec_end_override') }} as override_last_day,
        {{ parse_day('rev_rec_start_date') }} as rev_rec_starts_on,
        {{ parse_day('rev_rec_end_date') }} as rev_rec_last_day,
        {{ parse_day('stripe_start_date') }} as stripe_starts_on,
        {{ parse_day('stripe_end_date') }} as stripe_ends_on,

        ---------- as it was
        amount as raw_amount,
        rev_rec_start_override as raw_override_start,
        rev_rec_end_override as raw_override_end,
        rev_rec_start_date as raw_rev_rec_start,
        rev_rec_end_date as raw_rev_rec_end,
        stripe_start_date as raw_stripe_start,
        stripe_end_date as raw_stripe_end
    from copies

),

dated as (

    select
        *,
        case
            when coalesce(override_starts_on, override_last_day) is not null
                then override_starts_on
            when coalesce(rev_rec_starts_on, rev_rec_last_day) is not null
                then rev_rec_starts_on
            else stripe_starts_on
        end as starts_on,
        case
            when coalesce(override_starts_on, override_last_day) is not null
                then override_last_day
            when coalesce(rev_rec_starts_on, rev_rec_last_day) is not null
                then rev_rec_last_day
            else stripe_ends_on
        end as end_given,
        coalesce(override_starts_on, override_last_day, rev_rec_starts_on, rev_rec_last_day)
        is not null as is_end_inclusive
    from renamed

),

final as (

    select
        dated.source_key,
        dated.copy_number,
        dated.copy_reason,
        dated.invoice_id,
        dated.item_id,
        dated.description,
        dated.line_number,
        dated.amount,
        dated.starts_on,
        case
            when dated.is_end_inclusive then {{ add_days('dated.end_given', 1) }}
            else dated.end_given
        end as ends_on,
        items.deferred_account,
        coalesce(items.is_discount, false) as is_discount,
        {{ amount_problem('dated.raw_amount', 'dated.amount') }} as amount_problem,
        coalesce(
            {{ timestamp_problem('dated.raw_override_start', 'dated.override_starts_on') }},
            {{ timestamp_problem('dated.raw_override_end', 'dated.override_last_day') }},
            {{ timestamp_problem('dated.raw_rev_rec_start', 'dated.rev_rec_starts_on') }},
            {{ timestamp_problem('dated.raw_rev_rec_end', 'dated.rev_rec_last_day') }},
            {{ timestamp_problem('dated.raw_stripe_start', 'dated.stripe_starts_on') }},
            {{ timestamp_problem('dated.raw_stripe_end', 'dated.stripe_ends_on') }},
            {{ period_problem('dated.starts_on', 'dated.end_given') }}
        ) as period_problem,
        case
            when dated.item_id is not null and items.item_id is null then 'unknown_item'
            else items.row_reason
        end as item_reason
    from dated
    left join items
        on dated.item_id = items.item_id

)

select * from final
