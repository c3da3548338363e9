-- One row per event type of the journal: why an entry of it can be a correction, in a
-- controller's words. Above all it says what was late.
with

reasons (event_type, reason) as (

    values
    ('credit_granted', 'late_grant'),
    ('credit_adjusted', 'late_adjustment'),
    ('credit_consumed', 'late_usage'),
    ('credit_consumption_reversed', 'late_usage'),
    ('credit_applied', 'late_application'),
    ('credit_application_reversed', 'late_application'),
    ('credit_expired', 'late_expiry'),
    ('credit_expiry_reversed', 'late_expiry'),
    ('credit_revoked', 'late_revocation'),
    ('credit_usage_refunded', 'late_revocation'),
    ('credit_refunded', 'late_refund'),
    ('service_invoiced', 'late_invoice'),
    ('service_recognised', 'late_service'),
    ('service_refunded', 'late_refund'),
    ('service_refund_failed', 'late_refund'),
    ('service_disputed', 'late_dispute'),
    ('service_dispute_won', 'late_dispute'),
    ('service_credited', 'late_credit_note'),
    ('service_credit_note_voided', 'late_credit_note'),
    ('service_write_off_credited', 'late_credit_note'),
    ('service_voided', 'late_void'),
    ('service_write_off_voided', 'late_void'),
    ('service_item_deleted', 'late_void'),
    ('service_written_off', 'late_write_off'),
    ('service_recovered', 'late_write_off'),
    ('service_excluded', 'late_exclusion'),
    ('usage_accrued', 'late_usage'),
    ('usage_shortfall', 'late_usage'),
    ('usage_accrual_reversed', 'late_usage'),
    ('usage_accrued_again', 'late_usage'),
    ('usage_invoiced', 'late_invoice'),
    ('usage_invoice_difference', 'late_invoice'),
    ('payment_received', 'late_payment'),
    ('payment_received_out_of_band', 'late_payment'),
    ('processing_fee_charged', 'late_payment'),
    ('fx_realised', 'late_payment'),
    ('customer_balance_applied', 'late_customer_balance'),
    ('customer_balance_adjusted', 'late_customer_balance'),
    ('opening', 'opening'),
    ('seal_correction', 'seal_correction')

)

select * from reasons
