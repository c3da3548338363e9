{{ union_sources('settlements') }}
