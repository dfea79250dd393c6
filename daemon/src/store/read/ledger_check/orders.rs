//! What each order's state demands of the ledger: which journals it has, what they come to, and what they hold.

/// Which journals an order of a kind has.
struct Demand {
    /// How the ids of the kind begin.
    prefix: &'static str,
    /// Every kind of journal that such an order may have.
    known: &'static str,
    /// What is counted, which journals `j` are that, and how many an order `o` has.
    counts: &'static [(&'static str, &'static str, &'static str)],
}

/// By the state of the order's own machine. How often money is in suspense is held against the desk's rows.
const DEMANDS: [Demand; 4] = [
    Demand {
        prefix: "rch",
        known: "'recharge_credit', 'recharge_suspense', 'suspense_apply'",
        counts: &[(
            "credits",
            "j.kind = 'recharge_credit' OR (j.kind = 'suspense_apply' AND j.key = o.details ->> '$.paid_ref')",
            "o.machine_state IN (3, 4)",
        )],
    },
    Demand {
        prefix: "wdr",
        known: "'withdraw_hold', 'withdraw_paid', 'withdraw_release', 'withdraw_returned', 'withdraw_uncovered', \
                'uncovered_charge'",
        counts: &[
            ("withdraw_hold", "j.kind = 'withdraw_hold'", "1"),
            ("withdraw_paid", "j.kind = 'withdraw_paid'", "o.machine_state IN (3, 4, 6)"),
            ("withdraw_release", "j.kind = 'withdraw_release'", "o.machine_state = 5"),
            (
                "withdraw_returned",
                "j.kind = 'withdraw_returned'",
                "o.machine_state = 6 OR (o.machine_state = 5 AND instr(o.flags, '\"returned\"') > 0 \
                 AND EXISTS (SELECT 1 FROM suspense s WHERE s.order_id = o.order_id))",
            ),
            (
                "withdraw_uncovered",
                "j.kind = 'withdraw_uncovered'",
                "o.machine_state = 5 AND EXISTS (SELECT 1 FROM suspense s WHERE s.order_id = o.order_id)",
            ),
            (
                "uncovered_charge",
                "j.kind = 'uncovered_charge'",
                "o.machine_state = 5 AND EXISTS (SELECT 1 FROM suspense s WHERE s.order_id = o.order_id \
                 AND s.state = 'applied')",
            ),
        ],
    },
    Demand {
        prefix: "trd",
        known: "'trade_settle', 'trade_hold', 'trade_capture', 'trade_release'",
        counts: &[
            (
                "trade_settle",
                "j.kind = 'trade_settle'",
                "o.details ->> '$.mode' = 'direct' AND o.machine_state IN (3, 4)",
            ),
            ("trade_hold", "j.kind = 'trade_hold'", "o.details ->> '$.mode' = 'authorise'"),
            (
                "trade_capture",
                "j.kind = 'trade_capture'",
                "o.details ->> '$.mode' = 'authorise' AND o.machine_state IN (3, 4)",
            ),
            ("trade_release", "j.kind = 'trade_release'", "o.machine_state = 5"),
        ],
    },
    Demand {
        prefix: "rfd",
        known: "'refund_hold', 'refund_paid', 'refund_release', 'suspense_refund', 'trade_refund'",
        counts: &[
            ("refund_hold", "j.kind = 'refund_hold'", "o.details ->> '$.held' > 0"),
            (
                "refund_paid",
                "j.kind = 'refund_paid'",
                "o.machine_state IN (3, 4) AND o.details ->> '$.source' IN ('user', 'app')",
            ),
            (
                "suspense_refund",
                "j.kind = 'suspense_refund'",
                "o.machine_state IN (3, 4) AND o.details ->> '$.source.suspense' IS NOT NULL",
            ),
            (
                "trade_refund",
                "j.kind = 'trade_refund'",
                "o.machine_state IN (3, 4) AND o.details ->> '$.source' = 'payee'",
            ),
            (
                "refund_release",
                "j.kind = 'refund_release'",
                "o.machine_state = 5 AND o.details ->> '$.held' > 0",
            ),
        ],
    },
];

/// What an order's journals come to, in its currency.
struct Figures {
    prefix: &'static str,
    /// What channels hold more by it, their own fees besides.
    channel: &'static str,
    /// What it has in suspense.
    suspense: &'static str,
    /// What we earn by it.
    fee: &'static str,
    /// The other user whose money it may move.
    other: &'static str,
}

const FIGURES: [Figures; 4] = [
    Figures {
        prefix: "rch",
        channel: "CASE WHEN o.machine_state IN (3, 4) AND NOT EXISTS (SELECT 1 FROM suspense s \
                    WHERE s.order_id = o.order_id AND s.key = o.details ->> '$.paid_ref') \
                  THEN o.amount_minor ELSE 0 END \
                  + coalesce((SELECT sum(s.amount_minor) FROM suspense s \
                    WHERE s.order_id = o.order_id AND s.currency = o.currency), 0)",
        suspense: "coalesce((SELECT sum(s.amount_minor) FROM suspense s \
                     WHERE s.order_id = o.order_id AND s.currency = o.currency AND s.state <> 'applied'), 0)",
        fee: "CASE WHEN o.machine_state IN (3, 4) THEN o.fee_minor ELSE 0 END",
        other: "''",
    },
    Figures {
        prefix: "wdr",
        channel: "CASE WHEN o.machine_state IN (3, 4) THEN -o.amount_minor \
                       WHEN o.machine_state = 5 AND instr(o.flags, '\"returned\"') = 0 \
                         AND EXISTS (SELECT 1 FROM suspense s WHERE s.order_id = o.order_id) \
                       THEN -o.amount_minor ELSE 0 END",
        suspense: "CASE WHEN o.machine_state = 5 AND EXISTS (SELECT 1 FROM suspense s \
                     WHERE s.order_id = o.order_id AND s.state IN ('open', 'kept')) THEN -o.amount_minor ELSE 0 END",
        fee: "CASE WHEN o.machine_state IN (3, 4) OR (o.machine_state = 6 AND o.fee_returnable = 0) \
              THEN o.fee_minor ELSE 0 END",
        other: "''",
    },
    Figures {
        prefix: "trd",
        channel: "0",
        suspense: "0",
        fee: "CASE WHEN o.machine_state IN (3, 4) THEN o.fee_minor ELSE 0 END",
        other: "coalesce(o.details ->> '$.to_user_ref', '')",
    },
    Figures {
        prefix: "rfd",
        channel: "CASE WHEN o.machine_state IN (3, 4) AND o.details ->> '$.source' <> 'payee' \
                  THEN -o.amount_minor ELSE 0 END",
        suspense: "CASE WHEN o.machine_state IN (3, 4) AND o.details ->> '$.source.suspense' IS NOT NULL \
                   THEN -o.amount_minor ELSE 0 END",
        fee: "CASE WHEN o.machine_state IN (3, 4) THEN -(o.details ->> '$.fee_returned') ELSE 0 END",
        other: "coalesce((SELECT t.details ->> '$.to_user_ref' FROM orders t \
                  WHERE t.order_id = o.original_order_id), '')",
    },
];

/// What is held for open orders, order by order and account by account: so each account of held money comes to the holds
/// of its open orders.
const HELD: &str = "\
    SELECT account || ' (' || currency || ') holds ' || coalesce(b.minor, 0) || ' for ' || order_id || ', not ' || \
      coalesce(w.minor, 0) FROM ( \
      SELECT j.order_id, p.account, p.currency, -sum(p.minor) AS minor FROM posting p JOIN journal j USING (journal_id) \
      WHERE p.account GLOB '*:held' GROUP BY j.order_id, p.account, p.currency HAVING sum(p.minor) <> 0) b \
    FULL JOIN ( \
      SELECT order_id, 'user:' || client_id || ':' || user_ref || ':held' AS account, currency, \
        amount_minor + CASE fee_bearer WHEN 'user' THEN fee_minor ELSE 0 END AS minor \
      FROM orders WHERE state IN (0, 1, 2) AND kind = 'withdraw' \
      UNION ALL \
      SELECT order_id, CASE details ->> '$.source' WHEN 'app' THEN 'app:' || client_id || ':held' \
          ELSE 'user:' || client_id || ':' || user_ref || ':held' END, currency, details ->> '$.held' \
      FROM orders WHERE state IN (0, 1, 2) AND kind IN ('trade', 'refund') AND details ->> '$.held' <> 0) w \
    USING (order_id, account, currency) WHERE b.minor IS NOT w.minor";

/// A journal is of an order.
const OF_NO_ORDER: &str = "\
    SELECT 'journal ' || j.journal_id || ' (' || j.kind || ') is of ' || j.order_id || ', which is no order' \
    FROM journal j WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.order_id = j.order_id)";

pub(super) fn checks() -> Vec<String> {
    let demanded = DEMANDS.iter().map(Demand::check);
    let figures = FIGURES.iter().map(Figures::check);
    [OF_NO_ORDER.to_owned()].into_iter().chain(demanded).chain(figures).chain([HELD.to_owned()]).collect()
}

/// The orders of a kind: their ids are one stretch of the key, which ends before the character behind the underscore.
fn of_kind(prefix: &str) -> String {
    format!("o.order_id >= '{prefix}_' AND o.order_id < '{prefix}`'")
}

impl Demand {
    fn check(&self) -> String {
        let (mut columns, mut says, mut wrong) = (String::new(), String::new(), String::new());
        for (n, (what, journals, wanted)) in self.counts.iter().enumerate() {
            columns += &format!("coalesce(sum({journals}), 0) AS has_{n}, ({wanted}) AS wants_{n}, ");
            says +=
                &format!("WHEN has_{n} <> wants_{n} THEN 'has ' || has_{n} || ' {what}, not ' || wants_{n} ");
            wrong += &format!("has_{n} <> wants_{n} OR ");
        }
        format!(
            "SELECT order_id || ' in state ' || machine_state || ' ' || CASE {says} \
               ELSE 'has a journal of another kind of orders' END FROM ( \
               SELECT o.order_id, o.machine_state, {columns} \
                 count(j.journal_id) - coalesce(sum(j.kind IN ({known})), 0) AS others \
               FROM orders o LEFT JOIN journal j USING (order_id) WHERE {of_kind} GROUP BY o.order_id) \
             WHERE {wrong} others <> 0",
            known = self.known,
            of_kind = of_kind(self.prefix)
        )
    }
}

impl Figures {
    fn check(&self) -> String {
        format!(
            "SELECT order_id || ' in state ' || machine_state || ' ' || CASE \
               WHEN strangers <> 0 THEN 'moves money of another user or app' \
               WHEN channel <> wants_channel THEN 'moved ' || channel || ' at channels, not ' || wants_channel \
               WHEN suspense <> wants_suspense THEN 'has ' || suspense || ' in suspense, not ' || wants_suspense \
               ELSE 'bore a fee of ' || fee || ', not ' || wants_fee END FROM ( \
               SELECT o.order_id, o.machine_state, \
                 sum(CASE WHEN p.account GLOB 'channel:*' THEN p.minor ELSE 0 END) AS channel, \
                 sum(CASE p.account WHEN 'suspense' THEN -p.minor ELSE 0 END) AS suspense, \
                 sum(CASE p.account WHEN 'fee:service' THEN -p.minor ELSE 0 END) AS fee, \
                 sum(CASE WHEN p.account GLOB 'user:*' THEN \
                       instr(p.account, 'user:' || o.client_id || ':' || o.user_ref || ':') <> 1 \
                       AND p.account <> 'user:' || o.client_id || ':' || {other} || ':available' \
                     WHEN p.account GLOB 'app:*' THEN instr(p.account, 'app:' || o.client_id || ':') <> 1 \
                     ELSE 0 END) AS strangers, \
                 {channel} AS wants_channel, {suspense} AS wants_suspense, {fee} AS wants_fee \
               FROM orders o CROSS JOIN journal j USING (order_id) CROSS JOIN posting p USING (journal_id) \
               WHERE {of_kind} AND p.currency = o.currency GROUP BY o.order_id) \
             WHERE strangers <> 0 OR channel <> wants_channel OR suspense <> wants_suspense OR fee <> wants_fee",
            other = self.other,
            channel = self.channel,
            suspense = self.suspense,
            fee = self.fee,
            of_kind = of_kind(self.prefix)
        )
    }
}
