//! Notifications: what is read from them, and which are not believed.

use sluice_channels::protocol::{IncomingNotification, NotificationError, Protocol as _};

use crate::common::{NUMBER, alipay, message};
use crate::line;

use NotificationError::{BadSignature, Malformed, NotOurs};

pub(crate) const NOTIFICATIONS: &[(&str, Result<&str, NotificationError>)] = &[
    ("notify-paid.form", Ok("Paid · TRADE_SUCCESS · 88.88 · 2026-11-24T02:20:59.000Z · TRADE")),
    ("notify-finished.form", Ok("Paid · TRADE_FINISHED · 88.88 · 2026-11-24T02:20:59.000Z · TRADE")),
    ("notify-waiting.form", Ok("Unpaid · WAIT_BUYER_PAY · 88.88 · TRADE")),
    ("notify-closed.form", Ok("Closed · TRADE_CLOSED · 88.88 · TRADE")),
    // Refunds come to the payment's address: the payment stays paid until all of it went back.
    (
        "notify-partly-refunded.form",
        Ok("Paid · TRADE_SUCCESS · 88.88 · 2026-11-24T02:20:59.000Z · TRADE · refund rfd_01p"),
    ),
    (
        "notify-partly-refunded-finished.form",
        Ok("Paid · TRADE_FINISHED · 88.88 · 2026-11-24T02:20:59.000Z · TRADE · refund rfd_01p"),
    ),
    (
        "notify-refunded.form",
        Ok("Refunded · TRADE_CLOSED · 88.88 · 2026-11-24T02:20:59.000Z · TRADE · refund rfd_01p"),
    ),
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
    ("notify-ambiguous-refund.form", Err(Malformed)),
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
        let seen = seen.map(|n| match n.refund_ref {
            Some(refund) => format!("{} · refund {refund}", line(&n.observation)),
            None => line(&n.observation),
        });
        assert_eq!(seen.as_deref(), want.as_deref(), "{file}");
    }
}
