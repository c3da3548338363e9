{{ union_sources('rate_schedules') }}
