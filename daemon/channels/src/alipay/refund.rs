//! Refunding a trade, wholly or in parts: `alipay.trade.refund` and `alipay.trade.fastpay.refund.query`.

use serde::Serialize;
use sluice_core::observation::{Observation, Presence, Trouble};
use sluice_core::time::Timestamp;

use super::answer::{self, Answer, Unusable};
use super::codes::{self, Meaning, Op};
use super::query::optional_yuan;
use super::{Alipay, limits, text};
use crate::protocol::{DisbursementAnswer, EncodeError, HttpRequest, HttpResponse, RefundOrder};

const MAX_REASON: usize = 256;

#[derive(Serialize)]
struct BizContent<'a> {
    out_trade_no: &'a str,
    refund_amount: String,
    // Without it every call would be the same refund, and a part could be refunded once only.
    out_request_no: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    refund_reason: &'a str,
}

#[derive(Serialize)]
struct RefundName<'a> {
    out_trade_no: &'a str,
    out_request_no: &'a str,
    // The time is stated only where it is asked for.
    query_options: [&'static str; 1],
}

impl Alipay {
    pub(super) fn encode_refund(
        &self,
        refund: &RefundOrder,
        now: Timestamp,
    ) -> Result<HttpRequest, EncodeError> {
        check(refund)?;
        let biz_content = BizContent {
            out_trade_no: &refund.channel_ref,
            refund_amount: refund.amount.to_decimal(),
            out_request_no: &refund.refund_ref,
            refund_reason: refund.reason.trim(),
        };
        Ok(self.send(self.request(answer::method(Op::Refund), &biz_content, now)))
    }

    pub(super) fn decode_refund(
        &self,
        refund: &RefundOrder,
        response: &HttpResponse,
    ) -> Result<DisbursementAnswer, Unusable> {
        let (meaning, answer) = self.read_of_refund(Op::Refund, refund, response)?;
        match meaning {
            Meaning::Done => made(refund, &answer).map(DisbursementAnswer::Observed),
            Meaning::Refused(_) => {
                Ok(DisbursementAnswer::Refused { code: answer.code(), message: answer.message() })
            }
            Meaning::Fact(_) => Err(answer.unknown(Trouble::ProviderError)),
            Meaning::Unknown(trouble) => Err(answer.unknown(trouble)),
        }
    }

    pub(super) fn encode_refund_query(
        &self,
        refund: &RefundOrder,
        now: Timestamp,
    ) -> Result<HttpRequest, EncodeError> {
        check_numbers(refund)?;
        let name = RefundName {
            out_trade_no: &refund.channel_ref,
            out_request_no: &refund.refund_ref,
            query_options: ["gmt_refund_pay"],
        };
        Ok(self.send(self.request(answer::method(Op::RefundQuery), &name, now)))
    }

    pub(super) fn decode_refund_query(
        &self,
        refund: &RefundOrder,
        response: &HttpResponse,
    ) -> Result<Observation, Unusable> {
        let (meaning, answer) = self.read_of_refund(Op::RefundQuery, refund, response)?;
        match meaning {
            Meaning::Done => shown(refund, &answer),
            Meaning::Fact(Presence::NotFound) => {
                Ok(Observation::of(Presence::NotFound, answer.code(), answer.message()))
            }
            Meaning::Fact(_) => Err(answer.unknown(Trouble::ProviderError)),
            Meaning::Refused(trouble) | Meaning::Unknown(trouble) => Err(answer.unknown(trouble)),
        }
    }

    /// Reads an answer that, where it names a refund, must name ours. Alipay's own number of the trade is not compared:
    /// a trade that was paid twice can have two.
    fn read_of_refund<'a>(
        &self,
        op: Op,
        refund: &RefundOrder,
        response: &'a HttpResponse,
    ) -> Result<(Meaning, Answer<'a>), Unusable> {
        let (meaning, answer) = self.read(op, &refund.channel_ref, response)?;
        answer.must_name("out_request_no", &answer.out_request_no, Some(&refund.refund_ref))?;
        Ok((meaning, answer))
    }
}

fn check(refund: &RefundOrder) -> Result<(), EncodeError> {
    check_numbers(refund)?;
    limits::amount(refund.amount, limits::MIN_PAYMENT)?;
    if refund.paid.currency != refund.amount.currency || refund.amount.minor > refund.paid.minor {
        return Err(limits::refuse("amount.minor", "more than was paid"));
    }
    if refund.reason.trim().is_empty() { Ok(()) } else { limits::text("reason", &refund.reason, MAX_REASON) }
}

fn check_numbers(refund: &RefundOrder) -> Result<(), EncodeError> {
    limits::number("channel_ref", &refund.channel_ref)?;
    limits::number("refund_ref", &refund.refund_ref)
}

/// A refund that was taken. No amount is stated of it: `refund_fee` sums up all refunds of the trade until now.
fn made(refund: &RefundOrder, answer: &Answer<'_>) -> Result<Observation, Unusable> {
    let presence = codes::refund::presence(&answer.fund_change);
    let refunded = presence == Presence::Refunded;
    let sum = optional_yuan(&answer.refund_fee).ok_or_else(|| answer.unusable("refund_fee is no amount"))?;
    let fits = |sum: i64| (refund.amount.minor..=refund.paid.minor).contains(&sum);
    if refunded && sum.is_some_and(|sum| !fits(sum.minor)) {
        return Err(answer.unusable("refunded, but refund_fee is no sum with this refund in it"));
    }
    Ok(Observation {
        paid_at: refunded.then(|| text::parse_beijing(&answer.gmt_refund_pay)).flatten(),
        channel_order_no: answer.trade_no(),
        ..Observation::of(presence, answer.code(), answer.message())
    })
}

/// What the books show under the refund's number.
fn shown(refund: &RefundOrder, answer: &Answer<'_>) -> Result<Observation, Unusable> {
    let amount =
        optional_yuan(&answer.refund_amount).ok_or_else(|| answer.unusable("refund_amount is no amount"))?;
    match codes::refund::status(&answer.refund_status).map_err(|trouble| answer.unknown(trouble))? {
        // It knows the refund, and not yet how it ends.
        None if amount.is_some() => Err(answer.unknown(Trouble::InProgress)),
        // Alipay answers, and shows no such refund: it never came, failed, or is too young.
        None => {
            Ok(Observation::of(Presence::NotFound, answer.code(), "no refund_status: no such refund now"))
        }
        Some(_) if answer.out_request_no.is_empty() => {
            Err(answer.unusable("the answer names no out_request_no"))
        }
        Some(_) if amount != Some(refund.amount) => {
            Err(answer.unusable("refund_amount is not this refund's"))
        }
        Some(presence) => Ok(Observation {
            amount,
            paid_at: text::parse_beijing(&answer.gmt_refund_pay),
            channel_order_no: answer.trade_no(),
            ..Observation::of(presence, answer.code(), answer.message())
        }),
    }
}
