{{ union_sources('reference_rows') }}
