with

tie_outs as (

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
        unexplained,
        is_tied
    from {{ ref('rec_consumption') }}

    union all

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
        unexplained,
        is_tied
    from {{ ref('rec_deferred_revenue') }}

    union all

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
        unexplained,
        is_tied
    from {{ ref('rec_source_balances') }}

    union all

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
        unexplained,
        is_tied
    from {{ ref('rec_additions') }}

    union all

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
        unexplained,
        is_tied
    from {{ ref('rec_expiry') }}

    union all

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
        unexplained,
        is_tied
    from {{ ref('rec_revocations') }}

    union all

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
        unexplained,
        is_tied
    from {{ ref('rec_balances') }}

    union all

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
        unexplained,
        is_tied
    from {{ ref('rec_units') }}

)

select * from tie_outs
