{{ union_sources('credit_grants') }}
