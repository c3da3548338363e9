{{ union_sources('usage_invoices') }}
