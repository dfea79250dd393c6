//! Payments: what is read from the answers to creation, query and close.

use sluice_channels::protocol::{CreateAnswer, HttpResponse, Protocol as _};
use sluice_core::order::{Method, Payment};

use crate::common::{NUMBER, alipay, lookup, message, order, response};
use crate::line;

pub(crate) const QUERIES: &[(&str, &str)] = &[
    ("query-paid.json", "Paid · 10000/TRADE_SUCCESS · 88.88 · 2026-11-24T02:20:59.000Z · TRADE"),
    ("query-waiting.json", "Unpaid · 10000/WAIT_BUYER_PAY · 88.88 · TRADE"),
    ("query-finished.json", "Paid · 10000/TRADE_FINISHED · 88.88 · 2026-11-24T02:20:59.000Z · TRADE"),
    ("query-closed.json", "Closed · 10000/TRADE_CLOSED · 88.88 · TRADE"),
    ("query-closed-after-payment.json", "Unknown: ProviderError · 10000/TRADE_CLOSED"),
    ("query-other-status.json", "Unknown: Unlisted · 10000/TRADE_PENDING"),
    ("query-not-exist.json", "NotFound · 40004/ACQ.TRADE_NOT_EXIST"),
    ("query-not-exist-with-zeros.json", "NotFound · 40004/ACQ.TRADE_NOT_EXIST"),
    ("query-not-exist-gbk.json", "NotFound · 40004/ACQ.TRADE_NOT_EXIST"),
    ("query-system-error.json", "Unknown: ProviderError · 40004/ACQ.SYSTEM_ERROR"),
    ("query-new-code.json", "Unknown: Unlisted · 40004/ACQ.SOMETHING_NEW"),
    ("query-unavailable.json", "Unknown: ProviderError · 20000/isp.unknow-error"),
    ("query-lone-brace.json", "Paid · 10000/TRADE_SUCCESS · 88.88 · 2026-11-24T02:20:59.000Z · TRADE"),
    ("query-escapes.json", "Paid · 10000/TRADE_SUCCESS · 88.88 · 2026-11-24T02:20:59.000Z · TRADE"),
    (
        "query-certificate-number.json",
        "Paid · 10000/TRADE_SUCCESS · 88.88 · 2026-11-24T02:20:59.000Z · TRADE",
    ),
    ("query-spaced.json", "Paid · 10000/TRADE_SUCCESS · 88.88 · 2026-11-24T02:20:59.000Z · TRADE"),
    ("query-other-number.json", "Unknown: Garbage · 10000/TRADE_SUCCESS"),
    ("query-without-number.json", "Unknown: Garbage · 10000/TRADE_SUCCESS"),
    ("query-without-amount.json", "Unknown: Garbage · 10000/TRADE_SUCCESS"),
    ("query-amount-is-a-number.json", "Unknown: Garbage · -"),
    ("query-field-twice.json", "Unknown: Garbage · -"),
    ("query-unsigned.json", "Unknown: BadSignature · 10000/TRADE_SUCCESS"),
    ("query-tampered.json", "Unknown: BadSignature · -"),
    ("query-too-frequent.json", "Unknown: TooFrequent · 40005/isv.app-call-limited"),
    ("query-too-frequent-unsigned.json", "Unknown: TooFrequent · 40002/isv.method-call-limited"),
    ("query-invalid-signature-unsigned.json", "Unknown: Misconfigured · 40002/isv.invalid-signature"),
    ("error-response.json", "Unknown: Misconfigured · 40003/isv.invalid-app-id"),
    ("error-response-signed.json", "Unknown: ProviderError · 20000"),
    ("error-response-of-a-fact.json", "Unknown: BadSignature · 10000/TRADE_SUCCESS"),
    ("page-gbk.html", "Unknown: Garbage · -"),
    ("truncated.json", "Unknown: Garbage · -"),
    ("empty.json", "Unknown: Garbage · -"),
    // Another method's answer is no answer, whoever signed it.
    ("close-done.json", "Unknown: Garbage · -"),
    ("create-accepted.json", "Unknown: Garbage · -"),
];

#[test]
fn queries() {
    for (file, want) in QUERIES {
        assert_eq!(line(&alipay().query_answer(&lookup(NUMBER), &response(message(file)))), *want, "{file}");
    }
}

#[test]
fn a_status_other_than_200_is_never_read() {
    for status in [199, 201, 204, 301, 404, 429, 500, 502] {
        let answer = HttpResponse { status, ..response(message("query-paid.json")) };
        let seen = alipay().query_answer(&lookup(NUMBER), &answer);
        assert_eq!(line(&seen), format!("Unknown: HttpStatus · http {status}"));
    }
}

/// File, read as the first try of its number, read as a later one.
pub(crate) const CREATIONS: &[(&str, &str, &str)] = &[
    ("create-accepted.json", "accepted https://qr.alipay.com/bavh4wjlxf12tper3a", "="),
    ("create-without-code.json", "Unknown: Garbage · 10000", "="),
    ("create-other-number.json", "Unknown: Garbage · 10000", "="),
    (
        "create-over-limit.json",
        "refused 40004/ACQ.TOTAL_FEE_EXCEED 订单总金额不在允许范围内",
        "Unknown: ProviderError · 40004/ACQ.TOTAL_FEE_EXCEED",
    ),
    (
        "create-invalid.json",
        "refused 40004/ACQ.INVALID_PARAMETER 参数无效",
        "Unknown: Misconfigured · 40004/ACQ.INVALID_PARAMETER",
    ),
    ("create-already-paid.json", "Unknown: ProviderError · 40004/ACQ.TRADE_HAS_SUCCESS", "="),
    ("create-already-closed.json", "Closed · 40004/ACQ.TRADE_HAS_CLOSE", "="),
    ("create-inconsistent.json", "Unknown: ProviderError · 40004/ACQ.CONTEXT_INCONSISTENT", "="),
    ("create-not-permitted.json", "Unknown: Misconfigured · 40006/isv.insufficient-isv-permissions", "="),
    ("create-over-limit-unsigned.json", "Unknown: BadSignature · 40004/ACQ.TOTAL_FEE_EXCEED", "="),
    ("error-response.json", "Unknown: Misconfigured · 40003/isv.invalid-app-id", "="),
    ("page-gbk.html", "Unknown: Garbage · -", "="),
];

#[test]
fn creations() {
    for (file, first, later) in CREATIONS {
        for (is_first, want) in [(true, *first), (false, if *later == "=" { *first } else { *later })] {
            let seen = match alipay().create_answer(&order(Method::Qr), is_first, &response(message(file))) {
                CreateAnswer::Accepted { payment: Payment::Qr { content }, channel_order_no } => {
                    assert_eq!(channel_order_no, None);
                    format!("accepted {content}")
                }
                CreateAnswer::Accepted { payment, .. } => panic!("{payment:?}"),
                CreateAnswer::Refused { code, message } => format!("refused {code} {message}"),
                CreateAnswer::Observed(observation) => line(&observation),
            };
            assert_eq!(seen, want, "{file}, first: {is_first}");
        }
    }
}

pub(crate) const CLOSES: &[(&str, &str)] = &[
    ("close-done.json", "Closed · 10000 · TRADE"),
    ("close-not-exist.json", "NotFound · 40004/ACQ.TRADE_NOT_EXIST"),
    ("close-not-closable.json", "Unknown: ProviderError · 40004/ACQ.TRADE_STATUS_ERROR"),
    ("close-other-number.json", "Unknown: Garbage · 10000"),
    ("error-response.json", "Unknown: Misconfigured · 40003/isv.invalid-app-id"),
    ("query-paid.json", "Unknown: Garbage · -"),
];

#[test]
fn closes() {
    for (file, want) in CLOSES {
        assert_eq!(line(&alipay().close_answer(&lookup(NUMBER), &response(message(file)))), *want, "{file}");
    }
}
