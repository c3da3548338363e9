-- Every tie-out that does not tie: totals first, then the grants and accounts that
-- break them, the largest difference first. No row: every cent is explained.
with

tie_outs as (

    select * from {{ ref('rec_tie_outs') }}

)

select
    tie_out,
    source_system,
    accounting_period,
    currency,
    subject_type,
    subject_id,
    measure,
    expected,
    actual,
    difference,
    explained,
    unexplained
from tie_outs
where not is_tied
order by
    case subject_type when 'total' then 0 else 1 end asc,
    abs(unexplained) desc,
    tie_out asc,
    accounting_period asc,
    subject_id asc
