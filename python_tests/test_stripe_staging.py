"""tmp"""
import books
import stripe
VARS = stripe.stripe_vars("2026-06-30")
def test_empty(warehouse):
    stripe.load_stripe(warehouse, {})
    r = warehouse.build("build", "--select", "path:models/staging/stripe", "--exclude-resource-type", "test", "unit_test", vars=VARS)
    print(r)
    r.check()
    for t in ("service_lines","invoices","line_events","line_event_splits","settlements","customer_balances","reference_rows","row_counts"):
        print(t, warehouse.fetch(f"select count(*) from {warehouse.schema}_staging.stg_stripe__{t}"))
