{{ union_sources('line_event_splits') }}
