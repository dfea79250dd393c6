//! Payouts: what is read from the answers to a transfer and to its query.

use sluice_channels::protocol::{HttpResponse, PayoutOrder, Protocol as _};

use crate::common::{TRANSFER, alipay, message, payout, response};
use crate::{line, sent};

pub(crate) const PAYOUTS: &[(&str, &str)] = &[
    ("payout-paid.json", "Paid · 10000/SUCCESS · 2026-11-24T03:00:00.000Z · TRANSFER"),
    ("payout-dealing.json", "Unknown: InProgress · 10000/DEALING"),
    ("payout-wait-pay.json", "Unpaid · 10000/WAIT_PAY · TRANSFER"),
    ("payout-fail.json", "Failed · 10000/FAIL · TRANSFER"),
    ("payout-refund.json", "Refunded · 10000/REFUND · 2026-11-24T03:00:00.000Z · TRANSFER"),
    ("payout-closed.json", "Closed · 10000/CLOSED · TRANSFER"),
    ("payout-init.json", "Unknown: Unlisted · 10000/INIT"),
    // A success of the call is none of the transfer.
    ("payout-without-status.json", "Unknown: Unlisted · 10000"),
    ("payout-other-number.json", "Unknown: Garbage · 10000/SUCCESS"),
    ("payout-without-number.json", "Unknown: Garbage · 10000/SUCCESS"),
    (
        "payout-other-transfer.json",
        "Paid · 10000/SUCCESS · 2026-11-24T03:00:00.000Z · 20261124110070001506660034999999",
    ),
    ("payout-other-amount.json", "Unknown: Garbage · 10000/SUCCESS"),
    ("payout-unsigned.json", "Unknown: BadSignature · 10000/SUCCESS"),
    ("payout-tampered.json", "Unknown: BadSignature · -"),
    ("payout-waits-for-the-buyer.json", "Unknown: ProviderError · 10003"),
    ("payout-unavailable.json", "Unknown: ProviderError · 20000/isp.unknow-error"),
    ("payout-not-permitted.json", "Unknown: Misconfigured · 40006/isv.insufficient-isv-permissions"),
    ("payout-too-frequent.json", "Unknown: TooFrequent · 40005/isv.app-call-limited"),
    ("payout-refused-unsigned.json", "Unknown: BadSignature · 40004/PAYEE_NOT_EXIST"),
    ("payout-refused-other-number.json", "Unknown: Garbage · 40004/PAYEE_NOT_EXIST"),
    ("payout-refused-system-error.json", "Unknown: ProviderError · 40004/SYSTEM_ERROR"),
    ("payout-refused-invalid-parameter.json", "Unknown: Misconfigured · 40004/INVALID_PARAMETER"),
    ("payout-refused-order-not-exist.json", "Unknown: Unlisted · 40004/ORDER_NOT_EXIST"),
    ("payout-refused-request-processing.json", "Unknown: InProgress · 40004/REQUEST_PROCESSING"),
    ("payout-refused-trans-order-dealing.json", "Unknown: InProgress · 40004/TRANS_ORDER_DEALING"),
    ("payout-refused-process-fail.json", "Unknown: ProviderError · 40004/PROCESS_FAIL"),
    ("payout-refused-bank-response-error.json", "Unknown: ProviderError · 40004/BANK_RESPONSE_ERROR"),
    ("payout-refused-biz-unique-exception.json", "Unknown: ProviderError · 40004/BIZ_UNIQUE_EXCEPTION"),
    (
        "payout-refused-payment-info-inconsistency.json",
        "Unknown: ProviderError · 40004/PAYMENT_INFO_INCONSISTENCY",
    ),
    ("payout-refused-resource-limit-exceed.json", "Unknown: TooFrequent · 40004/RESOURCE_LIMIT_EXCEED"),
    ("payout-refused-payer-balance-not-enough.json", "refused 40004/PAYER_BALANCE_NOT_ENOUGH 转账失败"),
    ("payout-refused-payee-not-exist.json", "refused 40004/PAYEE_NOT_EXIST 转账失败"),
    ("payout-refused-payee-account-status-error.json", "refused 40004/PAYEE_ACCOUNT_STATUS_ERROR 转账失败"),
    ("payout-refused-exceed-limit-dm-amount.json", "refused 40004/EXCEED_LIMIT_DM_AMOUNT 转账失败"),
    ("payout-refused-something-new.json", "Unknown: Unlisted · 40004/SOMETHING_NEW"),
    ("error-response.json", "Unknown: Misconfigured · 40003/isv.invalid-app-id"),
    ("page-gbk.html", "Unknown: Garbage · -"),
    ("empty.json", "Unknown: Garbage · -"),
    // Another method's answer is no answer.
    ("payout-query-paid.json", "Unknown: Garbage · -"),
];

#[test]
fn payouts() {
    for (file, want) in PAYOUTS {
        assert_eq!(sent(&alipay().payout_answer(&payout(), &response(message(file)))), *want, "{file}");
    }
}

pub(crate) const QUERIES: &[(&str, &str)] = &[
    ("payout-query-paid.json", "Paid · 10000/SUCCESS · 88.00 · 2026-11-24T03:00:00.000Z · TRANSFER"),
    ("payout-query-fail.json", "Failed · 10000/FAIL · TRANSFER"),
    ("payout-query-fail-with-amount.json", "Failed · 10000/FAIL · TRANSFER"),
    ("payout-query-refund.json", "Refunded · 10000/REFUND · 2026-11-24T03:00:00.000Z · TRANSFER"),
    ("payout-query-closed.json", "Closed · 10000/CLOSED · TRANSFER"),
    ("payout-query-dealing.json", "Unknown: InProgress · 10000/DEALING"),
    ("payout-query-wait-pay.json", "Unpaid · 10000/WAIT_PAY · TRANSFER"),
    ("payout-query-init.json", "Unknown: Unlisted · 10000/INIT"),
    ("payout-query-without-status.json", "Unknown: Unlisted · 10000"),
    ("payout-query-other-number.json", "Unknown: Garbage · 10000/SUCCESS"),
    ("payout-query-without-number.json", "Unknown: Garbage · 10000/SUCCESS"),
    (
        "payout-query-other-transfer.json",
        "Paid · 10000/SUCCESS · 88.00 · 2026-11-24T03:00:00.000Z · 20261124110070001506660034999999",
    ),
    ("payout-query-other-amount.json", "Unknown: Garbage · 10000/SUCCESS"),
    ("payout-query-without-amount.json", "Unknown: Garbage · 10000/SUCCESS"),
    ("payout-query-amount-is-no-amount.json", "Unknown: Garbage · 10000/SUCCESS"),
    ("payout-query-not-exist.json", "NotFound · 40004/ORDER_NOT_EXIST"),
    ("payout-query-system-error.json", "Unknown: ProviderError · 40004/SYSTEM_ERROR"),
    ("payout-query-invalid.json", "Unknown: Misconfigured · 40004/INVALID_PARAMETER"),
    ("payout-query-new-code.json", "Unknown: Unlisted · 40004/SOMETHING_NEW"),
    ("payout-query-not-exist-unsigned.json", "Unknown: BadSignature · 40004/ORDER_NOT_EXIST"),
    ("payout-query-unsigned.json", "Unknown: BadSignature · 10000/SUCCESS"),
    ("error-response.json", "Unknown: Misconfigured · 40003/isv.invalid-app-id"),
    ("truncated.json", "Unknown: Garbage · -"),
    ("payout-paid.json", "Unknown: Garbage · -"),
];

#[test]
fn queries() {
    for (file, want) in QUERIES {
        assert_eq!(line(&alipay().payout_query_answer(&payout(), &response(message(file)))), *want, "{file}");
    }
}

#[test]
fn a_transfer_whose_number_is_known_is_only_that_one() {
    let known = PayoutOrder { channel_order_no: Some(TRANSFER.to_owned()), ..payout() };
    for (file, want) in [
        ("payout-paid.json", PAYOUTS[0].1),
        ("payout-other-transfer.json", "Unknown: Garbage · 10000/SUCCESS"),
    ] {
        assert_eq!(sent(&alipay().payout_answer(&known, &response(message(file)))), want, "{file}");
    }
    for (file, want) in [
        ("payout-query-paid.json", QUERIES[0].1),
        ("payout-query-other-transfer.json", "Unknown: Garbage · 10000/SUCCESS"),
    ] {
        assert_eq!(line(&alipay().payout_query_answer(&known, &response(message(file)))), want, "{file}");
    }
}

#[test]
fn why_a_transfer_failed_is_said() {
    let seen = alipay().payout_query_answer(&payout(), &response(message("payout-query-fail.json")));
    assert_eq!(seen.message, "PAYEE_USER_INFO_ERROR: 支付宝账号和姓名不匹配");
}

#[test]
fn a_status_other_than_200_is_never_read() {
    for status in [201, 302, 404, 500, 502] {
        let answer = |file| HttpResponse { status, ..response(message(file)) };
        let want = format!("Unknown: HttpStatus · http {status}");
        assert_eq!(sent(&alipay().payout_answer(&payout(), &answer("payout-paid.json"))), want);
        assert_eq!(line(&alipay().payout_query_answer(&payout(), &answer("payout-query-paid.json"))), want);
    }
}
