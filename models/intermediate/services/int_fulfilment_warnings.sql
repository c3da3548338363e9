-- One row per fulfilment with which its line was fulfilled for more than it defers:
-- what lies beyond releases nothing.
with

fulfilments as (

    select * from {{ ref('int_fulfilments') }}
    where fulfilment_reason is null and amount_minor is not null

),

parts as (

    select * from {{ ref('int_service_line_parts') }}
    where treatment = 'defer'

),

fulfilled as (

    select
        *,
        sum(amount_minor) over (
            partition by source_system, line_id
            order by fulfilled_on, {{ key_hash(['fulfilment_id']) }}
            rows between unbounded preceding and current row
        ) as fulfilled_minor
    from fulfilments

),

deferred as (

    select
        source_system,
        line_id,
        min(currency) as currency,
        min(minor_unit) as minor_unit,
        sum(amount_minor) as deferred_minor
    from parts
    group by source_system, line_id

),

exceeded as (

    select
        fulfilled.source_system,
        fulfilled.source_table,
        fulfilled.source_key,
        fulfilled.line_id,
        deferred.currency,
        deferred.minor_unit,
        cast(fulfilled.fulfilled_minor - deferred.deferred_minor as bigint) as excess_minor
    from fulfilled
    inner join deferred
        on
            fulfilled.source_system = deferred.source_system
            and fulfilled.line_id = deferred.line_id
    where
        abs(fulfilled.fulfilled_minor) > abs(deferred.deferred_minor)
        and {{ sign_of('fulfilled.fulfilled_minor') }} = {{ sign_of('deferred.deferred_minor') }}

)

select
    source_system,
    source_table,
    source_key,
    'over_fulfilled' as reason_code,
    cast(null as numeric(28, 9)) as quantity,
    'line ' || line_id || ', '
    || cast({{ major_units('excess_minor', 'minor_unit') }} as varchar)
    || ' ' || currency as subject
from exceeded
