{{ union_sources('service_lines') }}
