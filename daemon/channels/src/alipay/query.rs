//! Asking what Alipay's books hold: `alipay.trade.query`.

use serde::Serialize;
use sluice_core::money::{Amount, Currency};
use sluice_core::observation::{Observation, Presence};
use sluice_core::time::Timestamp;

use super::answer::{self, Answer, Unusable};
use super::codes::payment::{self, Evidence};
use super::codes::{Meaning, Op};
use super::{Alipay, limits, text};
use crate::protocol::{EncodeError, HttpRequest, HttpResponse, Lookup};

/// Names a trade. Always by our own number: `trade_no` would win over it, and is only what an answer said.
#[derive(Serialize)]
pub(super) struct TradeName<'a> {
    pub(super) out_trade_no: &'a str,
}

impl Alipay {
    pub(super) fn encode_query(&self, lookup: &Lookup, now: Timestamp) -> Result<HttpRequest, EncodeError> {
        self.encode_lookup(Op::Query, lookup, now)
    }

    pub(super) fn encode_lookup(
        &self,
        op: Op,
        lookup: &Lookup,
        now: Timestamp,
    ) -> Result<HttpRequest, EncodeError> {
        limits::number("channel_ref", &lookup.channel_ref)?;
        let name = TradeName { out_trade_no: &lookup.channel_ref };
        Ok(self.send(self.request(answer::method(op), &name, now)))
    }

    pub(super) fn decode_query(
        &self,
        lookup: &Lookup,
        response: &HttpResponse,
    ) -> Result<Observation, Unusable> {
        let (meaning, answer) = self.read(Op::Query, &lookup.channel_ref, response)?;
        match meaning {
            Meaning::Done => trade(&answer),
            // Amounts are read from a done answer only: refusals have been seen with zeros filled in.
            Meaning::Fact(presence) => Ok(Observation::of(presence, answer.code(), answer.message())),
            Meaning::Refused(trouble) | Meaning::Unknown(trouble) => Err(answer.unknown(trouble)),
        }
    }
}

fn trade(answer: &Answer<'_>) -> Result<Observation, Unusable> {
    let amount =
        optional_yuan(&answer.total_amount).ok_or_else(|| answer.unusable("total_amount is no amount"))?;
    let evidence = Evidence {
        paid: !answer.send_pay_date.is_empty()
            || [&answer.buyer_pay_amount, &answer.receipt_amount].iter().any(|text| is_positive(text)),
        // Query has no field for it; a refund of ours has its own query.
        refunded: false,
    };
    let presence =
        payment::presence(&answer.trade_status, evidence).map_err(|trouble| answer.unknown(trouble))?;
    if presence == Presence::Paid && amount.is_none() {
        return Err(answer.unusable("paid, but total_amount is missing"));
    }
    Ok(Observation {
        amount,
        paid_at: (presence == Presence::Paid).then(|| text::parse_beijing(&answer.send_pay_date)).flatten(),
        channel_order_no: answer.trade_no(),
        ..Observation::of(presence, answer.code(), answer.message())
    })
}

/// An amount in yuan, `Some(None)` if there is none, `None` if it is no amount.
pub(super) fn optional_yuan(text: &str) -> Option<Option<Amount>> {
    if text.is_empty() {
        return Some(None);
    }
    Amount::from_decimal(text, Currency::CNY).ok().map(Some)
}

/// Whether a stated amount is more than nothing; one that can't be read is taken as such.
pub(super) fn is_positive(text: &str) -> bool {
    !text.is_empty() && Amount::from_decimal(text, Currency::CNY).map_or(true, |amount| amount.minor > 0)
}
