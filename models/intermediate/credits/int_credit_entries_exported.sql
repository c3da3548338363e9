{{ union_sources('credit_entries') }}
