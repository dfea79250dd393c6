//! Money in suspense: what the desk lists is what is booked, and what was decided was carried out.

pub(super) const CHECKS: [&str; 2] = [BOOKED, ON_THE_WAY];

/// Every line on the account of suspense belongs to a row, and every row has the lines that its state demands: what came
/// in, and once it is applied, refunded or returned, what went out.
const BOOKED: &str = "\
    WITH line AS MATERIALIZED ( \
      SELECT coalesce(r.original_order_id, j.order_id) AS order_id, \
        CASE WHEN r.original_order_id IS NOT NULL THEN r.details ->> '$.source.suspense' \
             WHEN r.kind = 'withdraw' THEN (SELECT s.key FROM suspense s WHERE s.order_id = j.order_id) \
             ELSE j.key END AS key, \
        j.kind, -sum(p.minor) AS minor, p.currency \
      FROM posting p CROSS JOIN journal j USING (journal_id) CROSS JOIN orders r ON r.order_id = j.order_id \
      WHERE p.account = 'suspense' GROUP BY 1, 2, j.kind, p.currency), \
    wanted AS ( \
      SELECT order_id, key, 'recharge_suspense' AS kind, amount_minor AS minor, currency FROM suspense \
        WHERE reason <> 'paid_out_after_release' \
      UNION ALL \
      SELECT order_id, key, CASE state WHEN 'applied' THEN 'suspense_apply' ELSE 'suspense_refund' END, \
        -amount_minor, currency FROM suspense \
        WHERE reason <> 'paid_out_after_release' AND state IN ('applied', 'refunded') \
      UNION ALL \
      SELECT order_id, key, 'withdraw_uncovered', -amount_minor, currency FROM suspense \
        WHERE reason = 'paid_out_after_release' \
      UNION ALL \
      SELECT order_id, key, CASE state WHEN 'applied' THEN 'uncovered_charge' ELSE 'withdraw_returned' END, \
        amount_minor, currency FROM suspense \
        WHERE reason = 'paid_out_after_release' AND state IN ('applied', 'refunded')) \
    SELECT 'suspense of ' || order_id || ' ' || coalesce(key, '') || ' is not what is booked: ' || kind || ' of ' || \
      coalesce(b.minor, 0) || ' ' || currency || ', not ' || coalesce(w.minor, 0) \
    FROM wanted w FULL JOIN line b USING (order_id, key, kind, currency) WHERE w.minor IS NOT b.minor";

/// What is being refunded has one refund under way, and only that.
const ON_THE_WAY: &str = "\
    SELECT 'suspense of ' || order_id || ' ' || key || ' is ' || coalesce(s.state, 'not there') || ', and has ' || \
      coalesce(r.refunds, 0) || ' refunds under way' \
    FROM suspense s FULL JOIN ( \
      SELECT original_order_id AS order_id, details ->> '$.source.suspense' AS key, count(*) AS refunds FROM orders \
      WHERE state IN (0, 1, 2) AND kind = 'refund' AND details ->> '$.source.suspense' IS NOT NULL GROUP BY 1, 2) r \
    USING (order_id, key) WHERE coalesce(r.refunds, 0) IS NOT (s.state = 'refunding')";
