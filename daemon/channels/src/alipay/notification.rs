//! Notifications: a form that Alipay posts, signed over all of its fields.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sluice_core::observation::{Observation, Presence};

use super::Alipay;
use super::codes::payment::{self, Evidence};
use super::query::{is_positive, optional_yuan};
use super::text::{brief, parse_beijing};
use crate::protocol::{Notification, NotificationError};

const NOTIFY_TYPE: &str = "trade_status_sync";

/// More fields than any notification has.
const MAX_FIELDS: usize = 128;

/// The fields on which a decision rests. The signed text joins all fields by `&`, so a text `x&total_amount=9.00`
/// inside another field could be cut into fields in two ways; these must not have such a second reading.
const DECISIVE: [&str; 12] = [
    "app_id",
    "gmt_payment",
    "gmt_refund",
    "notify_id",
    "notify_type",
    "out_biz_no",
    "out_trade_no",
    "refund_fee",
    "seller_id",
    "total_amount",
    "trade_no",
    "trade_status",
];

impl Alipay {
    pub(super) fn decode_notification(&self, body: &[u8]) -> Result<Notification, NotificationError> {
        let fields = Fields::parse(body).ok_or(NotificationError::Malformed)?;
        self.verify(&fields)?;
        if fields.get("app_id") != self.app_id || fields.get("seller_id") != self.seller_id {
            return Err(NotificationError::NotOurs);
        }
        fields.read().ok_or(NotificationError::Malformed)
    }

    fn verify(&self, fields: &Fields) -> Result<(), NotificationError> {
        let sign = STANDARD.decode(fields.get("sign")).map_err(|_| NotificationError::BadSignature)?;
        // Alipay's clients differ on whether a field without value is part of the text. Both readings are the same
        // to us, for whom it is absent.
        let texts = [Some(fields.signed_text(true)), fields.has_empty().then(|| fields.signed_text(false))];
        let signed = texts
            .into_iter()
            .flatten()
            .find(|text| self.provider_key.verify_sha256(text.as_bytes(), &sign))
            .ok_or(NotificationError::BadSignature)?;
        if fields.is_only_reading_of(&signed) { Ok(()) } else { Err(NotificationError::Malformed) }
    }
}

/// A notification's fields, each once, sorted by name.
struct Fields(BTreeMap<String, String>);

impl Fields {
    fn parse(body: &[u8]) -> Option<Self> {
        let mut fields = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            if fields.len() == MAX_FIELDS || fields.insert(name.into_owned(), value.into_owned()).is_some() {
                return None;
            }
        }
        Some(Self(fields))
    }

    /// A field's value, empty where there is none.
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    fn signed(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        all.filter(|(name, _)| !matches!(*name, "sign" | "sign_type"))
    }

    fn has_empty(&self) -> bool {
        self.signed().any(|(_, value)| value.is_empty())
    }

    fn signed_text(&self, with_empty: bool) -> String {
        let fields = self.signed().filter(|(_, value)| with_empty || !value.is_empty());
        let pairs: Vec<String> = fields.map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    }

    /// Whether cutting the signed text at every `&` gives each decisive field once, with the value that was read.
    fn is_only_reading_of(&self, signed: &str) -> bool {
        DECISIVE.iter().all(|name| {
            let mut values = signed
                .split('&')
                .filter_map(|pair| pair.strip_prefix(name).and_then(|v| v.strip_prefix('=')));
            values.next().unwrap_or_default() == self.get(name) && values.next().is_none()
        })
    }

    /// What the verified fields say.
    fn read(&self) -> Option<Notification> {
        if !matches!(self.get("notify_type"), "" | NOTIFY_TYPE) || self.get("out_trade_no").is_empty() {
            return None;
        }
        let status = self.get("trade_status");
        if status.is_empty() {
            return None;
        }
        let amount = optional_yuan(self.get("total_amount"))?;
        let evidence = Evidence {
            refunded: !self.get("gmt_refund").is_empty() || is_positive(self.get("refund_fee")),
            // Here refunds are always stated, so a closed trade without one was never paid, whatever else it repeats.
            paid: false,
        };
        let message = brief(self.get("notify_type"));
        let observation = match payment::presence(status, evidence) {
            Err(trouble) => Observation::unknown(trouble, brief(status), message),
            Ok(Presence::Paid) if amount.is_none() => return None,
            Ok(presence) => Observation {
                amount,
                paid_at: matches!(presence, Presence::Paid | Presence::Refunded)
                    .then(|| parse_beijing(self.get("gmt_payment")))
                    .flatten(),
                channel_order_no: some(self.get("trade_no")),
                ..Observation::of(presence, brief(status), message)
            },
        };
        Some(Notification {
            channel_ref: self.get("out_trade_no").to_owned(),
            notify_id: some(self.get("notify_id")),
            refund_ref: some(self.get("out_biz_no")),
            observation,
        })
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
