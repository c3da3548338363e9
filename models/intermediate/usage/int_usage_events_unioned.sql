{{ union_sources('usage_events') }}
