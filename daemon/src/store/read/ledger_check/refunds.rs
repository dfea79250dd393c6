//! Refunds: what an order keeps of them is what they come to, and never more than was paid.

pub(super) const CHECKS: [&str; 2] = [SUMS, WITHIN];

/// What is kept with the original, of refunds that are its own: those of money in suspense are not.
const SUMS: &str = "\
    WITH made AS MATERIALIZED ( \
      SELECT original_order_id AS order_id, \
        sum(CASE WHEN machine_state IN (3, 4) THEN amount_minor ELSE 0 END) AS refunded_minor, \
        sum(CASE WHEN machine_state IN (0, 1, 2) THEN amount_minor ELSE 0 END) AS refunding_minor, \
        sum(machine_state IN (0, 1, 2)) AS refunds_open, \
        sum(machine_state = 5) AS refunds_failed, \
        sum(CASE machine_state WHEN 5 THEN 0 ELSE details ->> '$.fee_returned' END) AS refund_fee_minor \
      FROM orders WHERE original_order_id IS NOT NULL AND details ->> '$.source.suspense' IS NULL \
      GROUP BY original_order_id), \
    pair AS ( \
      SELECT o.order_id, o.refunded_minor AS kept_1, coalesce(m.refunded_minor, 0) AS sum_1, \
        o.refunding_minor AS kept_2, coalesce(m.refunding_minor, 0) AS sum_2, \
        o.refunds_open AS kept_3, coalesce(m.refunds_open, 0) AS sum_3, \
        o.refunds_failed AS kept_4, coalesce(m.refunds_failed, 0) AS sum_4, \
        o.refund_fee_minor AS kept_5, coalesce(m.refund_fee_minor, 0) AS sum_5 \
      FROM orders o LEFT JOIN made m USING (order_id)) \
    SELECT order_id || ' keeps ' || CASE \
      WHEN kept_1 <> sum_1 THEN 'refunded_minor ' || kept_1 || ', its refunds come to ' || sum_1 \
      WHEN kept_2 <> sum_2 THEN 'refunding_minor ' || kept_2 || ', its refunds come to ' || sum_2 \
      WHEN kept_3 <> sum_3 THEN 'refunds_open ' || kept_3 || ', its refunds come to ' || sum_3 \
      WHEN kept_4 <> sum_4 THEN 'refunds_failed ' || kept_4 || ', its refunds come to ' || sum_4 \
      ELSE 'refund_fee_minor ' || kept_5 || ', its refunds come to ' || sum_5 END \
    FROM pair WHERE kept_1 <> sum_1 OR kept_2 <> sum_2 OR kept_3 <> sum_3 OR kept_4 <> sum_4 OR kept_5 <> sum_5";

/// What is refunded and will be is at most what was paid: of a trade what was captured, of what is not paid nothing.
const WITHIN: &str = "\
    SELECT order_id || ' is refunded ' || refunds || ' of ' || paid || ' paid' FROM ( \
      SELECT o.order_id, sum(r.amount_minor) AS refunds, \
        CASE WHEN o.machine_state NOT IN (3, 4) THEN 0 \
             WHEN o.kind = 'trade' THEN coalesce(o.details ->> '$.captured', 0) \
             ELSE o.amount_minor END AS paid \
      FROM orders r CROSS JOIN orders o ON o.order_id = r.original_order_id \
      WHERE r.original_order_id IS NOT NULL AND r.machine_state <> 5 AND r.details ->> '$.source.suspense' IS NULL \
      GROUP BY o.order_id) \
    WHERE refunds > paid";
