{{ union_sources('customer_balances') }}
