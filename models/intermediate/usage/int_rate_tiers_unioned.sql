{{ union_sources('rate_tiers') }}
