{{ config(enabled='recurly' in var('sources') | string) }}

with

events as (

    select * from {{ ref('stg_recurly__invoice_events') }}

    union all

    select * from {{ ref('stg_recurly__credit_events') }}

    union all

    select * from {{ ref('stg_recurly__write_off_events') }}

),

final as (

    select
        *,
        'recurly' as source_system,
        cast(null as varchar) as line_id,
        cast(null as varchar) as payment_id,
        'major' as amount_scale,
        effective_at as known_at
    from events

)

select * from final
