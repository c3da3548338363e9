{#-
    Question: a use of credits names no grant. From which grant of its pool is it
    drawn first?
    Options (where two grants are alike, the next key decides; at last a hash of
    the grant's id):
      'source_order'       as the source says: source_order ascending, none last
      'priority_expiry'    priority ascending (a number; none last), expiry
                           ascending (never last), given away before paid, start,
                           recording. Stigg's order. OpenMeter's but for the step
                           "given away before paid", which it does not have; Lago's
                           where no grant of the wallet has an expiry of its own
      'expiry_first'       expiry ascending (never last), unit cost ascending,
                           recording. Orb's order
      'promotional_first'  given away before paid, recording. Lago's order where all
                           priorities are the same
      'fifo_granted'       start ascending, recording
      'cheapest_first'     unit cost ascending (given away is 0, unknown last),
                           expiry, recording. Metronome's "$0 cost basis first", which
                           it asks after rollovers and priority
    Default: 'source_order'.
    Rests on: ASC 606-10-25-30 / IFRS 15.38 (revenue when the customer uses the
    credits: the contract says which) and 606-10-55-46 to 55-48 / B44 to B46 (what
    is left unused). The order is a fact of the billing system, not a choice: take
    the one by which it draws.
    Proof: python_tests/test_allocation.py::test_each_order_agrees_with_the_oracle

    One answer per pool. Columns you may use: source_system, pool_id, credit_unit,
    customer_id (the last two null where the pool's grants differ).
-#}
{%- macro burn_order() -%}
    {{ return(adapter.dispatch("burn_order", "revrec")()) }}
{%- endmacro -%}

{%- macro default__burn_order() -%}
    'source_order'
{%- endmacro -%}
