-- Seals that somebody took out of force, and why: written by the operation retire_seal
-- alone.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
) }}

select
    cast(null as varchar) as seal_id,
    cast(null as varchar) as accounting_period,
    cast(null as integer) as seal_version,
    cast(null as timestamp) as retired_at,
    cast(null as varchar) as retired_by,
    cast(null as varchar) as reason
where 1 = 0
