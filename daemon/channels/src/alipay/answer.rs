//! Answers: from a response's raw bytes to the verified node, and from there to its fields.
//!
//! The order is fixed: find the node's raw bytes, verify them, and only then parse them. What fails on the way is an
//! observation `unknown` that says why.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer};
use sluice_core::observation::{Observation, Presence, Trouble};

use super::Alipay;
use super::codes::{self, Meaning, Op};
use super::scan::{self, Member};
use super::text::brief;
use crate::protocol::HttpResponse;
use crate::rsa::VerifyingKey;

/// A verified answer's fields, as far as any operation here needs them. Absent ones are empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer<'a> {
    #[serde(borrow, deserialize_with = "text")]
    pub(super) code: Cow<'a, str>,
    #[serde(deserialize_with = "lossy")]
    pub(super) msg: String,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) sub_code: Cow<'a, str>,
    #[serde(deserialize_with = "lossy")]
    pub(super) sub_msg: String,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) app_id: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) seller_id: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) out_trade_no: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) trade_no: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) trade_status: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) total_amount: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) buyer_pay_amount: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) receipt_amount: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) send_pay_date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) qr_code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) out_request_no: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) fund_change: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) refund_fee: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) refund_amount: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) refund_status: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) gmt_refund_pay: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) out_biz_no: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) order_id: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) status: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) trans_amount: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) trans_date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) pay_date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub(super) error_code: Cow<'a, str>,
    #[serde(deserialize_with = "lossy")]
    pub(super) fail_reason: String,
}

impl Answer<'_> {
    /// `10000`, or `40004/ACQ.TRADE_NOT_EXIST`, or `10000/TRADE_SUCCESS`.
    pub(super) fn code(&self) -> String {
        let details = [&self.sub_code, &self.trade_status, &self.refund_status, &self.status];
        match details.into_iter().find(|detail| !detail.is_empty()) {
            Some(detail) => brief(&format!("{}/{detail}", self.code)),
            None => brief(&self.code),
        }
    }

    /// The most exact of the messages: why a transfer failed, why a call was refused, how the call went.
    pub(super) fn message(&self) -> String {
        match (&*self.error_code, &*self.fail_reason) {
            ("", "") => brief(if self.sub_msg.is_empty() { &self.msg } else { &self.sub_msg }),
            (why, "") | ("", why) => brief(why),
            (code, reason) => brief(&format!("{code}: {reason}")),
        }
    }

    /// Alipay's number of the trade, where it is stated.
    pub(super) fn trade_no(&self) -> Option<String> {
        (!self.trade_no.is_empty()).then(|| self.trade_no.to_string())
    }

    /// Our number that an answer to `op` names, and its field.
    fn number(&self, op: Op) -> (&'static str, &str) {
        match op {
            Op::Payout | Op::PayoutQuery => ("out_biz_no", &self.out_biz_no),
            _ => ("out_trade_no", &self.out_trade_no),
        }
    }

    /// Refuses an answer about something else: where both are known, `stated` must be `ours`.
    pub(super) fn must_name(&self, field: &str, stated: &str, ours: Option<&str>) -> Result<(), Unusable> {
        match ours {
            Some(ours) if !stated.is_empty() && stated != ours => {
                Err(self.unusable(&format!("the answer is for another {field}")))
            }
            _ => Ok(()),
        }
    }

    /// No fact, with this answer's codes.
    pub(super) fn unknown(&self, trouble: Trouble) -> Unusable {
        Unusable { trouble, code: self.code(), message: self.message() }
    }

    /// No fact, because this can't be the answer to what was asked.
    pub(super) fn unusable(&self, why: &str) -> Unusable {
        Unusable { trouble: Trouble::Garbage, code: self.code(), message: why.to_owned() }
    }
}

/// Why an answer gives no fact.
#[derive(Debug)]
pub(super) struct Unusable {
    pub(super) trouble: Trouble,
    pub(super) code: String,
    pub(super) message: String,
}

impl Unusable {
    /// Before there are any codes.
    fn because(trouble: Trouble, why: &str) -> Self {
        Self { trouble, code: String::new(), message: why.to_owned() }
    }
}

impl From<Unusable> for Observation {
    fn from(unusable: Unusable) -> Self {
        Self::unknown(unusable.trouble, unusable.code, unusable.message)
    }
}

impl Alipay {
    /// Reads the answer to `op` about `channel_ref` (a trade, or a transfer), together with what its codes mean.
    pub(super) fn read<'a>(
        &self,
        op: Op,
        channel_ref: &str,
        response: &'a HttpResponse,
    ) -> Result<(Meaning, Answer<'a>), Unusable> {
        if response.status != 200 {
            let code = format!("http {}", response.status);
            return Err(Unusable { trouble: Trouble::HttpStatus, code, message: String::new() });
        }
        let node = open(&self.provider_key, method(op), &response.body)?;
        let answer = parse(node).ok_or_else(|| {
            Unusable::because(Trouble::Garbage, "the signed part is not of the documented form")
        })?;
        let (field, number) = answer.number(op);
        answer.must_name(field, number, Some(channel_ref))?;
        answer.must_name("account", &answer.app_id, Some(&self.app_id))?;
        answer.must_name("account", &answer.seller_id, Some(&self.seller_id))?;
        let meaning = codes::meaning(op, &answer.code, &answer.sub_code);
        // Refusals often don't repeat the number; what speaks of a trade or a transfer always does. Only a refund's
        // query may be done and speak of nothing.
        let of_something = matches!(meaning, Meaning::Done | Meaning::Fact(Presence::Unpaid));
        if of_something && number.is_empty() && op != Op::RefundQuery {
            return Err(answer.unusable(&format!("the answer names no {field}")));
        }
        Ok((meaning, answer))
    }

    /// The raw bytes of the answer to `method` (such as `alipay.trade.query`) that Alipay's key signed.
    ///
    /// # Errors
    /// Whatever is not a signed answer to this method: then nothing that it says is a fact.
    pub fn open<'a>(&self, method: &str, body: &'a [u8]) -> Result<&'a [u8], Trouble> {
        open(&self.provider_key, method, body).map_err(|unusable| unusable.trouble)
    }
}

pub(super) const fn method(op: Op) -> &'static str {
    match op {
        Op::Create => "alipay.trade.precreate",
        Op::Query => "alipay.trade.query",
        Op::Close => "alipay.trade.close",
        Op::Refund => "alipay.trade.refund",
        Op::RefundQuery => "alipay.trade.fastpay.refund.query",
        Op::Payout => "alipay.fund.trans.uni.transfer",
        Op::PayoutQuery => "alipay.fund.trans.common.query",
    }
}

fn open<'a>(key: &VerifyingKey, method: &str, body: &'a [u8]) -> Result<&'a [u8], Unusable> {
    let garbage = || Unusable::because(Trouble::Garbage, "no answer of this protocol");
    let bad_signature = || Unusable::because(Trouble::BadSignature, "the signature does not verify");
    let members = scan::members(body).ok_or_else(garbage)?;
    let Some(node) = member(&members, &format!("{}_response", method.replace('.', "_"))) else {
        return Err(member(&members, "error_response").map_or_else(garbage, unproven));
    };
    let Some(sign) = member(&members, "sign").filter(|sign| *sign != b"\"\"") else {
        return Err(unproven(node));
    };
    if !node.starts_with(b"{") {
        return Err(garbage());
    }
    // The signature is a JSON string, whose slashes may be escaped.
    let sign: String = serde_json::from_slice(sign).map_err(|_| bad_signature())?;
    let sign = STANDARD.decode(sign).map_err(|_| bad_signature())?;
    if key.verify_sha256(node, &sign) { Ok(node) } else { Err(bad_signature()) }
}

fn member<'a>(members: &[Member<'a>], key: &str) -> Option<&'a [u8]> {
    members.iter().find(|m| m.key == key.as_bytes()).map(|m| m.value)
}

/// What a node without signature is good for: never a fact, but a gateway that asks for patience or for another key
/// is worth hearing.
fn unproven(node: &[u8]) -> Unusable {
    let answer = parse(node).unwrap_or_default();
    match codes::gateway_refusal(&answer.code, &answer.sub_code) {
        Some(trouble) if !answer.code.is_empty() => answer.unknown(trouble),
        _ => Unusable {
            trouble: Trouble::BadSignature,
            code: answer.code(),
            message: "the answer is not signed".to_owned(),
        },
    }
}

fn parse(node: &[u8]) -> Option<Answer<'_>> {
    serde_json::from_slice(node).ok()
}

/// A text, or null.
fn text<'de, D: Deserializer<'de>>(d: D) -> Result<Cow<'de, str>, D::Error> {
    /// Borrows where the text has no escapes; `Option<Cow>` itself would always copy.
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    Ok(Option::<Text<'de>>::deserialize(d)?.map(|t| t.0).unwrap_or_default())
}

/// A text in whatever encoding: error messages come in GBK at times, although UTF-8 was asked for.
fn lossy<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
    struct Bytes;
    impl serde::de::Visitor<'_> for Bytes {
        type Value = String;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a text")
        }
        fn visit_bytes<E>(self, bytes: &[u8]) -> Result<String, E> {
            Ok(String::from_utf8_lossy(bytes).into_owned())
        }
        fn visit_str<E>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }
        fn visit_unit<E>(self) -> Result<String, E> {
            Ok(String::new())
        }
    }
    d.deserialize_bytes(Bytes)
}
