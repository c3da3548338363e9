-- Every raw row has exactly one disposition: per table they sum to the rows that
-- arrived, and nothing is unaccounted for.
with

completeness as (

    select * from {{ ref('rec_completeness') }}

)

select *
from completeness
where
    unaccounted <> 0
    or journaled + memo + terms + excluded + exceptions <> rows_in
    or least(journaled, memo, terms, excluded, exceptions) < 0
