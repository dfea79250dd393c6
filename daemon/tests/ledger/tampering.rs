//! What somebody changes by hand in the database, and what the check must say of it.

/// `$R-1` stands for the id of the order with this number.
pub(crate) const TABLE: &[(&str, &str)] = &[
    // The ledger by itself.
    (
        "UPDATE posting SET minor = minor + 1 WHERE posting_id = 1",
        "is not balanced: it sums to 1, not to zero",
    ),
    ("DELETE FROM posting WHERE journal_id = 2", "is not balanced: it has no lines"),
    ("DELETE FROM journal WHERE journal_id = 1", "journal 1 is not there, and has lines"),
    (
        "UPDATE posting SET currency = 'USD' WHERE posting_id = 1",
        "has lines in another currency than its own",
    ),
    (
        "UPDATE journal SET currency = 'USD' WHERE journal_id = 1",
        "has lines in another currency than its own",
    ),
    ("UPDATE posting SET balance_after = balance_after + 1 WHERE posting_id = 3", "line 3 of "),
    ("UPDATE account SET balance = balance + 1 WHERE account = 'suspense'", "suspense (CNY) holds "),
    (
        "UPDATE account SET balance = balance + 5 WHERE account = 'fee:service'",
        "the trial balance of CNY is -5, not zero",
    ),
    ("DELETE FROM account WHERE account GLOB '*:settlement'", "which is no account"),
    ("UPDATE account SET guarded = 0 WHERE account GLOB 'user:*:held'", "the chart has it otherwise"),
    ("UPDATE account SET side = 'credit' WHERE account GLOB '*:fees_due'", "the chart has it otherwise"),
    ("UPDATE account SET account = 'fee:other' WHERE account = 'fee:service'", "the chart has it otherwise"),
    // Which journals an order has.
    ("UPDATE journal SET order_id = 'rch_0' WHERE journal_id = 1", "is of rch_0, which is no order"),
    ("UPDATE orders SET machine_state = 5 WHERE order_id = $R-2", "in state 5 has 1 credits, not 0"),
    ("UPDATE orders SET machine_state = 2 WHERE order_id = $S-late", "in state 2 has 1 credits, not 0"),
    ("UPDATE orders SET machine_state = 4 WHERE order_id = $S-wrong", "in state 4 has 0 credits, not 1"),
    (
        "UPDATE journal SET kind = 'recharge_suspense' WHERE order_id = $R-2",
        "in state 4 has 0 credits, not 1",
    ),
    (
        "UPDATE orders SET details = json_set(details, '$.paid_ref', 'another') WHERE order_id = $S-late",
        "in state 4 has 0 credits, not 1",
    ),
    (
        "UPDATE orders SET details = json_set(details, '$.paid_ref', (SELECT key FROM suspense \
         WHERE order_id = $S-applied)) WHERE order_id = $S-applied",
        "in state 4 has 2 credits, not 1",
    ),
    (
        "UPDATE journal SET kind = 'trade_hold' WHERE order_id = $S-applied AND kind = 'suspense_apply'",
        "has a journal of another kind of orders",
    ),
    ("UPDATE journal SET kind = 'withdraw_release' WHERE order_id = $W-open", "has 0 withdraw_hold, not 1"),
    ("UPDATE orders SET machine_state = 3 WHERE order_id = $W-open", "in state 3 has 0 withdraw_paid, not 1"),
    (
        "UPDATE orders SET machine_state = 5 WHERE order_id = $W-open",
        "in state 5 has 0 withdraw_release, not 1",
    ),
    (
        "UPDATE orders SET machine_state = 2 WHERE order_id = $W-refused",
        "in state 2 has 1 withdraw_release, not 0",
    ),
    ("UPDATE orders SET machine_state = 2 WHERE order_id = $W-paid", "in state 2 has 1 withdraw_paid, not 0"),
    (
        "UPDATE orders SET machine_state = 6 WHERE order_id = $W-paid",
        "in state 6 has 0 withdraw_returned, not 1",
    ),
    (
        "UPDATE orders SET machine_state = 4 WHERE order_id = $W-returned",
        "in state 4 has 1 withdraw_returned, not 0",
    ),
    ("UPDATE orders SET flags = '[]' WHERE order_id = $W-back", "in state 5 has 1 withdraw_returned, not 0"),
    ("DELETE FROM suspense WHERE order_id = $W-uncovered", "in state 5 has 1 withdraw_uncovered, not 0"),
    (
        "UPDATE suspense SET state = 'open' WHERE order_id = $W-charged",
        "in state 5 has 1 uncovered_charge, not 0",
    ),
    (
        "UPDATE suspense SET state = 'applied' WHERE order_id = $W-missing",
        "in state 5 has 0 uncovered_charge, not 1",
    ),
    ("UPDATE orders SET machine_state = 5 WHERE order_id = $T-app", "in state 5 has 1 trade_settle, not 0"),
    ("UPDATE orders SET machine_state = 3 WHERE order_id = $T-held", "in state 3 has 0 trade_capture, not 1"),
    (
        "UPDATE orders SET machine_state = 0 WHERE order_id = $T-captured",
        "in state 0 has 1 trade_capture, not 0",
    ),
    ("UPDATE orders SET machine_state = 0 WHERE order_id = $T-void", "in state 0 has 1 trade_release, not 0"),
    (
        "UPDATE orders SET details = json_set(details, '$.mode', 'direct') WHERE order_id = $T-held",
        "in state 0 has 1 trade_hold, not 0",
    ),
    ("UPDATE orders SET machine_state = 2 WHERE order_id = $F-done", "in state 2 has 1 refund_paid, not 0"),
    (
        "UPDATE orders SET machine_state = 2 WHERE order_id = $F-failed",
        "in state 2 has 1 refund_release, not 0",
    ),
    ("UPDATE orders SET machine_state = 4 WHERE order_id = $F-open", "in state 4 has 0 refund_paid, not 1"),
    ("UPDATE orders SET machine_state = 5 WHERE order_id = $F-trade", "in state 5 has 1 trade_refund, not 0"),
    (
        "UPDATE orders SET details = json_set(details, '$.held', 0) WHERE order_id = $F-open",
        "has 1 refund_hold, not 0",
    ),
    (
        "UPDATE orders SET machine_state = 5 WHERE original_order_id = $S-refunded",
        "in state 5 has 1 suspense_refund, not 0",
    ),
    // What they come to.
    (
        "UPDATE orders SET amount_minor = amount_minor + 1 WHERE order_id = $R-2",
        "moved 50000 at channels, not 50001",
    ),
    (
        "UPDATE orders SET amount_minor = amount_minor + 1 WHERE order_id = $W-paid",
        "moved -1000 at channels, not -1001",
    ),
    (
        "UPDATE orders SET amount_minor = amount_minor + 1 WHERE order_id = $F-done",
        "moved -10000 at channels, not -10001",
    ),
    (
        "UPDATE orders SET amount_minor = amount_minor + 1 WHERE order_id = $W-uncovered",
        "moved -1095 at channels, not -1096",
    ),
    ("UPDATE orders SET fee_minor = fee_minor + 1 WHERE order_id = $R-2", "bore a fee of 300, not 301"),
    ("UPDATE orders SET fee_minor = fee_minor - 1 WHERE order_id = $W-paid", "bore a fee of 20, not 19"),
    ("UPDATE orders SET fee_minor = 20 WHERE order_id = $T-captured", "bore a fee of 6, not 20"),
    ("UPDATE orders SET fee_returnable = 1 WHERE order_id = $W-returned", "bore a fee of 20, not 0"),
    (
        "UPDATE orders SET details = json_set(details, '$.fee_returned', 61) WHERE order_id = $F-done",
        "bore a fee of -60, not -61",
    ),
    (
        "UPDATE posting SET account = 'suspense' WHERE account = 'fee:service' \
         AND journal_id = (SELECT journal_id FROM journal WHERE order_id = $R-2)",
        "has 300 in suspense, not 0",
    ),
    (
        "UPDATE posting SET account = replace(account, ':u1:', ':u9:') WHERE account GLOB 'user:*:available' \
         AND journal_id = (SELECT journal_id FROM journal WHERE order_id = $R-2)",
        "moves money of another user or app",
    ),
    (
        "UPDATE posting SET account = 'app:app_other:settlement' WHERE account GLOB 'app:*:settlement' \
         AND journal_id = (SELECT journal_id FROM journal WHERE order_id = $T-app)",
        "moves money of another user or app",
    ),
    // What is held.
    ("UPDATE orders SET fee_minor = fee_minor + 1 WHERE order_id = $W-open", "(CNY) holds 1115 for wdr_"),
    ("UPDATE orders SET fee_bearer = 'app' WHERE order_id = $W-open", "not 1095"),
    (
        "UPDATE orders SET details = json_set(details, '$.held', 1501) WHERE order_id = $T-held",
        "(CNY) holds 1500 for trd_",
    ),
    ("UPDATE orders SET details = json_set(details, '$.held', 5) WHERE order_id = $F-open", ", not 5"),
    (
        "UPDATE orders SET details = json_set(details, '$.source', 'app') WHERE order_id = $F-open",
        ":held (CNY) holds 0 for rfd_",
    ),
    (
        "UPDATE posting SET account = replace(account, ':u1:held', ':u2:held') \
         WHERE journal_id = (SELECT journal_id FROM journal WHERE order_id = $W-open)",
        ":u2:held (CNY) holds 1115 for wdr_",
    ),
    // Money in suspense.
    (
        "UPDATE suspense SET amount_minor = amount_minor + 1 WHERE order_id = $S-open",
        "recharge_suspense of 4000 CNY, not 4001",
    ),
    ("UPDATE suspense SET currency = 'USD' WHERE order_id = $S-open", "recharge_suspense of 0 USD, not 4000"),
    ("DELETE FROM suspense WHERE order_id = $S-kept", "recharge_suspense of 4000 CNY, not 0"),
    ("UPDATE suspense SET state = 'applied' WHERE order_id = $S-open", "suspense_apply of 0 CNY, not -4000"),
    ("UPDATE suspense SET state = 'kept' WHERE order_id = $S-applied", "suspense_apply of -4000 CNY, not 0"),
    (
        "UPDATE suspense SET state = 'open' WHERE order_id = $S-refunded",
        "suspense_refund of -4000 CNY, not 0",
    ),
    (
        "UPDATE suspense SET state = 'refunded' WHERE order_id = $S-open",
        "suspense_refund of 0 CNY, not -4000",
    ),
    ("UPDATE suspense SET state = 'open' WHERE order_id = $W-back", "withdraw_returned of 1095 CNY, not 0"),
    (
        "UPDATE suspense SET state = 'refunding' WHERE order_id = $S-open",
        "is refunding, and has 0 refunds under way",
    ),
    (
        "UPDATE suspense SET state = 'open' WHERE order_id = $S-refunding",
        "is open, and has 1 refunds under way",
    ),
    // Refunds against what they refund.
    (
        "UPDATE orders SET refunded_minor = refunded_minor - 1 WHERE order_id = $R-1",
        "keeps refunded_minor 9999, its refunds come to 10000",
    ),
    (
        "UPDATE orders SET refunding_minor = refunding_minor + 1 WHERE order_id = $R-1",
        "keeps refunding_minor 2096, its refunds come to 2095",
    ),
    (
        "UPDATE orders SET refunds_open = 0 WHERE order_id = $R-1",
        "keeps refunds_open 0, its refunds come to 1",
    ),
    (
        "UPDATE orders SET refunds_failed = 0 WHERE order_id = $R-1",
        "keeps refunds_failed 0, its refunds come to 1",
    ),
    (
        "UPDATE orders SET refund_fee_minor = 0 WHERE order_id = $R-1",
        "keeps refund_fee_minor 0, its refunds come to ",
    ),
    (
        "UPDATE orders SET refunds_failed = 1 WHERE order_id = $R-2",
        "keeps refunds_failed 1, its refunds come to 0",
    ),
    ("UPDATE orders SET amount_minor = 100 WHERE order_id = $R-1", "is refunded 12095 of 100 paid"),
    ("UPDATE orders SET machine_state = 5 WHERE order_id = $T-user", "is refunded 500 of 0 paid"),
    (
        "UPDATE orders SET details = json_set(details, '$.captured', 100) WHERE order_id = $T-user",
        "is refunded 500 of 100 paid",
    ),
];

/// The statement with ids in the place of numbers.
pub(crate) fn sql(tampering: &str) -> String {
    let mut sql = String::new();
    let mut rest = tampering;
    while let Some((before, behind)) = rest.split_once(" $") {
        let end = behind.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(behind.len());
        let (number, behind) = behind.split_at(end);
        sql += &format!("{before} (SELECT order_id FROM orders WHERE merchant_order_no = '{number}')");
        rest = behind;
    }
    sql + rest
}
