-- Every row of recognition_rules can be read, its rule is whole (the same
-- conditions in every row, 100 percent) and no other rule has its priority on the
-- same day.
{{ config(group='revrec') }}

with

rules as (

    select * from {{ ref('int_recognition_rules') }}

)

select
    rule_priority,
    rule_name,
    treatment,
    effective_from,
    effective_to,
    problem
from rules
where problem is not null
