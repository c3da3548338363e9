-- One row per reason a row may be given, with the rank of what becomes of the row:
-- of several canonical rows of one raw row the smallest rank counts. The reasons of
-- a kind have an order only so that there is one.
with

reasons as (

    select * from {{ ref('exception_reasons') }}
    where kind <> 'warning'

)

select
    reason_code,
    kind as disposition,
    case kind when 'exception' then 1000 when 'excluded' then 2000 else 3000 end
    + row_number() over (order by {{ key_hash(['reason_code']) }}) as outcome_rank
from reasons
