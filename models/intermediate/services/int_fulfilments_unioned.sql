{{ union_sources('fulfilments') }}
