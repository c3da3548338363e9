{{ union_sources('credit_pool_balances') }}
