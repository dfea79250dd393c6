//! Refunds: what is read from the answers to a refund and to its query.

use sluice_channels::protocol::{HttpResponse, Protocol as _, RefundOrder};

use crate::common::{alipay, message, refund, response};
use crate::{line, sent};

pub(crate) const REFUNDS: &[(&str, &str)] = &[
    // No amount: what is stated is the sum of all refunds.
    ("refund-done.json", "Refunded · 10000 · 2026-11-24T03:00:00.000Z · TRADE"),
    ("refund-done-second-part.json", "Refunded · 10000 · 2026-11-24T03:00:00.000Z · TRADE"),
    ("refund-done-without-fee.json", "Refunded · 10000 · 2026-11-24T03:00:00.000Z · TRADE"),
    ("refund-done-fee-below.json", "Unknown: Garbage · 10000"),
    ("refund-done-fee-above-paid.json", "Unknown: Garbage · 10000"),
    ("refund-fee-is-no-amount.json", "Unknown: Garbage · 10000"),
    // A success of the call is none of the refund.
    ("refund-no-change.json", "Refunding · 10000 · TRADE"),
    ("refund-without-change.json", "Refunding · 10000 · TRADE"),
    ("refund-other-trade.json", "Unknown: Garbage · 10000"),
    ("refund-other-refund.json", "Unknown: Garbage · 10000"),
    ("refund-without-number.json", "Unknown: Garbage · 10000"),
    ("refund-unsigned.json", "Unknown: BadSignature · 10000"),
    ("refund-tampered.json", "Unknown: BadSignature · -"),
    ("refund-waits-for-the-buyer.json", "Unknown: ProviderError · 10003"),
    ("refund-unavailable.json", "Unknown: ProviderError · 20000/aop.ACQ.SYSTEM_ERROR"),
    ("refund-too-frequent.json", "Unknown: TooFrequent · 40005/isv.method-call-limited"),
    ("refund-refused-unsigned.json", "Unknown: BadSignature · 40004/ACQ.TRADE_HAS_FINISHED"),
    ("refund-refused-system-error.json", "Unknown: ProviderError · 40004/ACQ.SYSTEM_ERROR"),
    ("refund-refused-invalid-parameter.json", "Unknown: Misconfigured · 40004/ACQ.INVALID_PARAMETER"),
    ("refund-refused-trade-not-exist.json", "Unknown: ProviderError · 40004/ACQ.TRADE_NOT_EXIST"),
    ("refund-refused-trade-has-close.json", "Unknown: ProviderError · 40004/ACQ.TRADE_HAS_CLOSE"),
    (
        "refund-refused-discordant-repeat-request.json",
        "Unknown: ProviderError · 40004/ACQ.DISCORDANT_REPEAT_REQUEST",
    ),
    (
        "refund-refused-seller-balance-not-enough.json",
        "Unknown: Underfunded · 40004/ACQ.SELLER_BALANCE_NOT_ENOUGH",
    ),
    ("refund-refused-trade-has-finished.json", "refused 40004/ACQ.TRADE_HAS_FINISHED 退款失败"),
    ("refund-refused-trade-not-allow-refund.json", "refused 40004/ACQ.TRADE_NOT_ALLOW_REFUND 退款失败"),
    (
        "refund-refused-refund-amt-not-equal-total.json",
        "refused 40004/ACQ.REFUND_AMT_NOT_EQUAL_TOTAL 退款失败",
    ),
    (
        "refund-refused-reason-trade-refund-fee-err.json",
        "refused 40004/ACQ.REASON_TRADE_REFUND_FEE_ERR 退款失败",
    ),
    ("refund-refused-something-new.json", "Unknown: Unlisted · 40004/ACQ.SOMETHING_NEW"),
    ("error-response.json", "Unknown: Misconfigured · 40003/isv.invalid-app-id"),
    ("page-gbk.html", "Unknown: Garbage · -"),
    ("empty.json", "Unknown: Garbage · -"),
    // Another method's answer is no answer.
    ("refund-query-done.json", "Unknown: Garbage · -"),
    ("query-paid.json", "Unknown: Garbage · -"),
];

#[test]
fn refunds() {
    for (file, want) in REFUNDS {
        assert_eq!(sent(&alipay().refund_answer(&refund(), &response(message(file)))), *want, "{file}");
    }
}

pub(crate) const QUERIES: &[(&str, &str)] = &[
    ("refund-query-done.json", "Refunded · 10000/REFUND_SUCCESS · 8.80 · 2026-11-24T03:00:00.000Z · TRADE"),
    ("refund-query-without-time.json", "Refunded · 10000/REFUND_SUCCESS · 8.80 · TRADE"),
    // Alipay answers and shows nothing of it; but an amount under our number is something.
    ("refund-query-not-shown.json", "NotFound · 10000"),
    ("refund-query-not-shown-numbers.json", "NotFound · 10000"),
    ("refund-query-without-status.json", "Unknown: InProgress · 10000"),
    ("refund-query-other-status.json", "Unknown: Unlisted · 10000/REFUND_PROCESSING"),
    ("refund-query-other-refund.json", "Unknown: Garbage · 10000/REFUND_SUCCESS"),
    ("refund-query-other-refund-not-shown.json", "Unknown: Garbage · 10000"),
    ("refund-query-other-trade.json", "Unknown: Garbage · 10000/REFUND_SUCCESS"),
    ("refund-query-without-number.json", "Unknown: Garbage · 10000/REFUND_SUCCESS"),
    ("refund-query-other-amount.json", "Unknown: Garbage · 10000/REFUND_SUCCESS"),
    ("refund-query-without-amount.json", "Unknown: Garbage · 10000/REFUND_SUCCESS"),
    ("refund-query-amount-is-no-amount.json", "Unknown: Garbage · 10000/REFUND_SUCCESS"),
    ("refund-query-not-exist.json", "NotFound · 40004/ACQ.TRADE_NOT_EXIST"),
    ("refund-query-system-error.json", "Unknown: ProviderError · 40004/ACQ.SYSTEM_ERROR"),
    ("refund-query-new-code.json", "Unknown: Unlisted · 40004/ACQ.SOMETHING_NEW"),
    ("refund-query-too-frequent.json", "Unknown: TooFrequent · 40005/isv.app-call-limited"),
    ("refund-query-unsigned.json", "Unknown: BadSignature · 10000/REFUND_SUCCESS"),
    ("refund-query-not-shown-unsigned.json", "Unknown: BadSignature · 10000"),
    ("error-response.json", "Unknown: Misconfigured · 40003/isv.invalid-app-id"),
    ("truncated.json", "Unknown: Garbage · -"),
    ("refund-done.json", "Unknown: Garbage · -"),
];

#[test]
fn queries() {
    for (file, want) in QUERIES {
        assert_eq!(line(&alipay().refund_query_answer(&refund(), &response(message(file)))), *want, "{file}");
    }
}

/// A trade that was paid twice has two numbers at Alipay; ours are what binds.
#[test]
fn alipays_own_number_of_the_trade_is_not_compared() {
    let other = RefundOrder { channel_order_no: Some("2026112422001444100099".to_owned()), ..refund() };
    let seen = alipay().refund_query_answer(&other, &response(message("refund-query-done.json")));
    assert_eq!(line(&seen), QUERIES[0].1);
}

#[test]
fn a_status_other_than_200_is_never_read() {
    for status in [201, 302, 404, 500, 502] {
        let answer = |file| HttpResponse { status, ..response(message(file)) };
        let want = format!("Unknown: HttpStatus · http {status}");
        assert_eq!(sent(&alipay().refund_answer(&refund(), &answer("refund-done.json"))), want);
        assert_eq!(line(&alipay().refund_query_answer(&refund(), &answer("refund-query-done.json"))), want);
    }
}
