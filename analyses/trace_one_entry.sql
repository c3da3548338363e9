-- All raw rows behind one journal entry: what each of them says at the source,
-- how it was read, and the entry that they add up to. The entry is chosen by
-- customer, period and event; where a customer has several such grants, all are
-- shown. Edit the three lines below, then: dbt show --select trace_one_entry
{{ config(group='revrec') }}

{%- set customer_id = 'cus_copperleaf_clinics' %}
{%- set accounting_period = '2026-01' %}
{%- set event_type = 'credit_consumed' %}

{#- Of each source: its ledger, and the columns as they arrived. -#}
{%- set ledgers = {
    'stigg': ['credit_ledger', 'id', 'event_type', 'amount', '"timestamp"', 'created_at'],
    'generic': ['credit_entries', 'entry_id', 'entry_type', 'units', 'effective_at', 'known_at'],
    'stripe': [
        'billing_credit_balance_transactions', 'id', 'coalesce(debit_type, credit_type)',
        'coalesce(debit_monetary_amount_value, credit_monetary_amount_value)', 'effective_at',
        'created',
    ],
    'recurly': ['credit_payments', 'id', 'action', 'amount', 'created_at', 'voided_at'],
    'lago': [
        'exports_wallet_transactions', 'lago_id', 'transaction_status', 'credit_amount',
        'settled_at', 'created_at',
    ],
} %}

with

journal_entries as (

    select * from {{ ref('fct_journal_entries') }}
    where
        customer_id = '{{ customer_id }}'
        and accounting_period = '{{ accounting_period }}'
        and event_type = '{{ event_type }}'

),

evidence as (

    select * from {{ ref('fct_journal_evidence') }}

),

read_rows as (

    select * from {{ ref('int_credit_entries') }}
    where row_disposition is null

),

raw_rows as (
    {% for source_name in enabled_sources() if source_name in ledgers %}
        {%- set ledger = ledgers[source_name] %}
        {%- if not loop.first %}

            union all
        {% endif %}
        select distinct
            '{{ source_name }}' as source_system,
            '{{ ledger[0] }}' as source_table,
            cast({{ ledger[1] }} as varchar) as source_key,
            cast({{ ledger[2] }} as varchar) as raw_type,
            cast({{ ledger[3] }} as varchar) as raw_units,
            cast({{ ledger[4] }} as varchar) as raw_effective_at,
            cast({{ ledger[5] }} as varchar) as raw_known_at
        from {{ raw(source_name, ledger[0]) }}
    {%- endfor %}

)

-- A raw row that arrived twice is shown once: it counts once. One without an id has no raw
-- columns here: its key is a hash of its content.
select
    journal_entries.journal_entry_id,
    journal_entries.obligation_id,
    journal_entries.effective_period,
    journal_entries.accounting_period,
    journal_entries.debit_account,
    journal_entries.credit_account,
    journal_entries.amount,
    journal_entries.currency,
    journal_entries.quantity as entry_quantity,
    evidence.source_table,
    evidence.source_key,
    raw_rows.raw_type,
    raw_rows.raw_units,
    raw_rows.raw_effective_at,
    raw_rows.raw_known_at,
    read_rows.entry_type,
    read_rows.units,
    read_rows.effective_at,
    read_rows.known_at,
    read_rows.reference,
    evidence.amount_unrounded
from journal_entries
left join evidence
    on journal_entries.journal_entry_id = evidence.journal_entry_id
left join read_rows
    on
        evidence.source_system = read_rows.source_system
        and evidence.source_table = read_rows.source_table
        and evidence.source_key = coalesce(read_rows.raw_key, read_rows.source_key)
        and journal_entries.obligation_id = read_rows.grant_id
left join raw_rows
    on
        evidence.source_system = raw_rows.source_system
        and evidence.source_table = raw_rows.source_table
        and evidence.source_key = raw_rows.source_key
order by journal_entries.obligation_id, read_rows.effective_at, evidence.source_key
