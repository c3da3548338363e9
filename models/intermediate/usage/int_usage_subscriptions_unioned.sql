{{ union_sources('usage_subscriptions') }}
