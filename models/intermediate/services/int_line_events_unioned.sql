{{ union_sources('line_events') }}
