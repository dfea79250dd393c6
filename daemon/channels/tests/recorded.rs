//! Recorded messages, one a line: the file under `corpus/alipay/`, and what is read from it.
#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod common;

use common::{NUMBER, alipay, corpus, lookup, message, order, response};
use sluice_channels::protocol::{CreateAnswer, IncomingNotification, NotificationError, Protocol};
use sluice_core::observation::Observation;
use sluice_core::order::Method;

const TRADE: &str = "2026112422001444100011";

/// An observation in a line: presence or trouble, code, and the facts that it states.
fn line(o: &Observation) -> String {
    let mut parts = vec![match o.trouble {
        Some(trouble) => format!("{:?}: {trouble:?}", o.presence),
        None => format!("{:?}", o.presence),
    }];
    parts.push(if o.code.is_empty() { "-".to_owned() } else { o.code.clone() });
    parts.extend(o.amount.map(|a| a.to_decimal()));
    parts.extend(o.paid_at.map(|t| t.to_string()));
    parts.extend(
        o.channel_order_no.as_ref().map(|no| if no == TRADE { "TRADE".to_owned() } else { no.clone() }),
    );
    assert_eq!(o.fee, None, "Alipay states no fee");
    parts.join(" · ")
}

const QUERIES: &[(&str, &str)] = &[
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
        let answer =
            sluice_channels::protocol::HttpResponse { status, ..response(message("query-paid.json")) };
        let seen = alipay().query_answer(&lookup(NUMBER), &answer);
        assert_eq!(line(&seen), format!("Unknown: HttpStatus · http {status}"));
    }
}

/// File, read as the first try of its number, read as a later one.
const CREATIONS: &[(&str, &str, &str)] = &[
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
                CreateAnswer::Accepted {
                    payment: sluice_core::order::Payment::Qr { content },
                    channel_order_no,
                } => {
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

const CLOSES: &[(&str, &str)] = &[
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

use NotificationError::{BadSignature, Malformed, NotOurs};

const NOTIFICATIONS: &[(&str, Result<&str, NotificationError>)] = &[
    ("notify-paid.form", Ok("Paid · TRADE_SUCCESS · 88.88 · 2026-11-24T02:20:59.000Z · TRADE")),
    ("notify-finished.form", Ok("Paid · TRADE_FINISHED · 88.88 · 2026-11-24T02:20:59.000Z · TRADE")),
    ("notify-waiting.form", Ok("Unpaid · WAIT_BUYER_PAY · 88.88 · TRADE")),
    ("notify-closed.form", Ok("Closed · TRADE_CLOSED · 88.88 · TRADE")),
    ("notify-partly-refunded.form", Ok("Paid · TRADE_SUCCESS · 88.88 · 2026-11-24T02:20:59.000Z · TRADE")),
    ("notify-refunded.form", Ok("Refunded · TRADE_CLOSED · 88.88 · 2026-11-24T02:20:59.000Z · TRADE")),
    ("notify-other-status.form", Ok("Unknown: Unlisted · TRADE_PENDING")),
    ("notify-empty-field-signed.form", Ok("Paid · TRADE_SUCCESS · 88.88 · 2026-11-24T02:20:59.000Z · TRADE")),
    (
        "notify-empty-field-unsigned.form",
        Ok("Paid · TRADE_SUCCESS · 88.88 · 2026-11-24T02:20:59.000Z · TRADE"),
    ),
    ("notify-other-app.form", Err(NotOurs)),
    ("notify-other-seller.form", Err(NotOurs)),
    ("notify-without-seller.form", Err(NotOurs)),
    ("notify-without-amount.form", Err(Malformed)),
    ("notify-without-number.form", Err(Malformed)),
    ("notify-amount-is-no-amount.form", Err(Malformed)),
    ("notify-other-type.form", Err(Malformed)),
    ("notify-field-twice.form", Err(Malformed)),
    // One signed text that could be cut in two ways is believed in neither.
    ("notify-ambiguous.form", Err(Malformed)),
    ("notify-cut-otherwise.form", Err(Malformed)),
    ("notify-tampered.form", Err(BadSignature)),
    ("notify-unsigned.form", Err(BadSignature)),
    ("query-paid.json", Err(BadSignature)),
    ("empty.json", Err(BadSignature)),
];

#[test]
fn notifications() {
    for (file, want) in NOTIFICATIONS {
        let seen = alipay().notification(&IncomingNotification { headers: Vec::new(), body: message(file) });
        if let Ok(n) = &seen {
            assert_eq!(
                (n.channel_ref.as_str(), n.notify_id.as_deref()),
                (NUMBER, Some("2026112400222102100000001"))
            );
        }
        let seen = seen.map(|n| line(&n.observation));
        assert_eq!(seen.as_deref(), want.as_deref(), "{file}");
    }
}

#[test]
fn every_recorded_message_is_in_a_table() {
    let tables: Vec<&str> = (QUERIES.iter().map(|r| r.0))
        .chain(CREATIONS.iter().map(|r| r.0))
        .chain(CLOSES.iter().map(|r| r.0))
        .chain(NOTIFICATIONS.iter().map(|r| r.0))
        .collect();
    for (file, _) in corpus() {
        assert!(tables.contains(&file.as_str()), "{file} has no expected reading");
    }
}

#[test]
fn messages_for_people_name_no_payer() {
    for (file, body) in corpus() {
        let shown = alipay().masked(&body);
        for secret in ["2088102122458832", "abc***@x.com"] {
            assert!(!shown.contains(secret), "{file}: {shown}");
        }
        assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{file}: {shown:?}");
    }
    assert!(alipay().masked(&message("query-paid.json")).contains("TRADE_SUCCESS"));
    assert!(alipay().masked(&message("notify-paid.form")).contains("out_trade_no=rch_02p\n"));
}
