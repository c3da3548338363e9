-- One row per raw wallet. terms_reason says why its transactions cannot count: they
-- need its customer, currency and rate. Its status only says whether the rest expired.
{{ config(enabled='lago' in var('sources') | string) }}

with

source as (

    select * from {{ raw('lago', 'exports_wallets') }}

),

currencies as (

    select * from {{ ref('stg_finance__currencies') }}

),

copies as (

    {{ mark_copies('source', 'lago_id', [
        'organization_id', 'lago_customer_id', 'status', 'currency', 'name', 'rate_amount',
        'credits_balance', 'credits_ongoing_balance', 'credits_ongoing_usage_balance',
        'balance_cents', 'ongoing_balance_cents', 'ongoing_usage_balance_cents',
        'consumed_credits', 'created_at', 'updated_at', 'terminated_at', 'last_balance_sync_at',
        'last_consumed_credit_at', 'invoice_requires_successful_payment',
    ], version='updated_at') }}

),

renamed as (

    select
        ---------- ids
        source_key,
        copy_reason,
        row_key as wallet_id,
        {{ text_value('lago_customer_id') }} as customer_id,

        ---------- strings
        {{ text_value('name') }} as wallet_name,
        lower(trim(cast(status as varchar))) as status,
        upper(trim({{ text_value('currency') }})) as currency,

        ---------- numerics
        {{ parse_decimal('rate_amount', 28, 9) }} as rate,
        {{ parse_decimal('credits_balance', 28, 9) }} as balance_units,

        ---------- timestamps
        {{ parse_timestamp('terminated_at') }} as terminated_at,
        {{ parse_timestamp('updated_at') }} as updated_at,

        ---------- as it was
        rate_amount as raw_rate,
        credits_balance as raw_balance,
        terminated_at as raw_terminated_at,
        updated_at as raw_updated_at
    from copies

),

checked as (

    select
        renamed.*,
        currencies.minor_units,
        coalesce(
            renamed.copy_reason,
            {{ decimal_problem('raw_rate', 'rate', 28, 9) }},
            case
                when renamed.rate is null then 'missing_amount'
                when currencies.currency is null then 'unknown_currency'
            end
        ) as terms_reason,
        coalesce(
            {{ timestamp_problem('raw_terminated_at', 'terminated_at') }},
            {{ timestamp_problem('raw_updated_at', 'updated_at') }},
            case
                when renamed.status = 'terminated' and renamed.terminated_at is null
                    then 'missing_timestamp'
                when coalesce(renamed.status, '') not in ('active', 'terminated')
                    then 'unknown_status'
            end,
            -- The balance of a terminated wallet is not read.
            case
                when renamed.status = 'terminated' then null
                when abs(renamed.balance_units) >= 100000000000 then 'out_of_range'
                else {{ decimal_problem('raw_balance', 'balance_units', 28, 9) }}
            end
        ) as input_problem
    from renamed
    left join currencies
        on renamed.currency = currencies.currency

),

reasoned as (

    select
        *,
        coalesce(terms_reason, input_problem) as row_reason
    from checked

),

final as (

    select
        *,
        -- The kind of credit: what one is worth. Wallets of one kind share their GL codes.
        'credit_at_' || rtrim(rtrim(cast(rate as varchar), '0'), '.') || '_' || currency
            as credit_unit,
        case when row_reason is null and status = 'terminated' then terminated_at end
            as ended_at
    from reasoned

)

select * from final
