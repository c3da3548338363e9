{{ config(enabled='netsuite' in var('sources') | string) }}

with

source as (

    select * from {{ raw('netsuite', 'credit_memo_lines') }}

),

items as (

    select * from {{ ref('base_netsuite__items') }}
    where copy_number = 1

),

copies as (

    {{ mark_copies('source', 'id', [
        'credit_memo_id', 'invoice_line_id', 'item_id', 'amount',
        'rev_rec_start_date', 'rev_rec_end_date',
    ]) }}

),

renamed as (

    select
        source_key,
        copy_reason,
        {{ text_value('credit_memo_id') }} as credit_memo_id,
        {{ text_value('invoice_line_id') }} as invoice_line_id,
        {{ text_value('item_id') }} as item_id,
        {{ parse_decimal('amount', 28, 9) }} as amount,
        {{ parse_day('rev_rec_start_date') }} as starts_on,
        {{ parse_day('rev_rec_end_date') }} as last_day,
        amount as raw_amount,
        rev_rec_start_date as raw_start,
        rev_rec_end_date as raw_end
    from copies

),

final as (

    select
        renamed.source_key,
        renamed.copy_reason,
        renamed.credit_memo_id,
        renamed.invoice_line_id,
        renamed.item_id,
        renamed.amount,
        renamed.starts_on,
        {{ add_days('renamed.last_day', 1) }} as ends_on,
        items.deferred_account,
        coalesce(items.is_discount, false) as is_discount,
        coalesce(
            {{ amount_problem('renamed.raw_amount', 'renamed.amount') }},
            {{ timestamp_problem('renamed.raw_start', 'renamed.starts_on') }},
            {{ timestamp_problem('renamed.raw_end', 'renamed.last_day') }},
            {{ period_problem('renamed.starts_on', 'renamed.last_day') }},
            case
                when renamed.item_id is not null and items.item_id is null then 'unknown_item'
                else items.row_reason
            end
        ) as input_problem
    from renamed
    left join items
        on renamed.item_id = items.item_id

)

select * from final
