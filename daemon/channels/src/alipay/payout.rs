//! Paying out to an Alipay account: `alipay.fund.trans.uni.transfer` and `alipay.fund.trans.common.query`.

use serde::Serialize;
use sluice_core::observation::{Observation, Presence, Trouble};
use sluice_core::order::Payee;
use sluice_core::time::Timestamp;

use super::answer::{self, Answer, Unusable};
use super::codes::{self, Meaning, Op};
use super::query::optional_yuan;
use super::{Alipay, limits, text};
use crate::protocol::{DisbursementAnswer, EncodeError, HttpRequest, HttpResponse, PayoutOrder};

const PRODUCT_CODE: &str = "TRANS_ACCOUNT_NO_PWD";
const BIZ_SCENE: &str = "DIRECT_TRANSFER";

const MAX_TITLE: usize = 128;
const MAX_ACCOUNT: usize = 100;
const MAX_NAME: usize = 100;

#[derive(Serialize)]
struct BizContent<'a> {
    out_biz_no: &'a str,
    trans_amount: String,
    product_code: &'static str,
    biz_scene: &'static str,
    order_title: &'a str,
    payee_info: PayeeInfo<'a>,
}

#[derive(Serialize)]
struct PayeeInfo<'a> {
    identity: &'a str,
    identity_type: &'static str,
    // Where it is there, Alipay compares it with the holder's.
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
}

/// Names a transfer by our own number, as [`super::query::TradeName`] does a trade.
#[derive(Serialize)]
struct TransferName<'a> {
    out_biz_no: &'a str,
    product_code: &'static str,
    biz_scene: &'static str,
}

impl Alipay {
    pub(super) fn encode_payout(
        &self,
        payout: &PayoutOrder,
        now: Timestamp,
    ) -> Result<HttpRequest, EncodeError> {
        limits::number("channel_ref", &payout.channel_ref)?;
        limits::amount(payout.amount, limits::MIN_PAYOUT)?;
        limits::text("title", &payout.title, MAX_TITLE)?;
        let biz_content = BizContent {
            out_biz_no: &payout.channel_ref,
            trans_amount: payout.amount.to_decimal(),
            product_code: PRODUCT_CODE,
            biz_scene: BIZ_SCENE,
            order_title: payout.title.trim(),
            payee_info: payee_info(&payout.payee)?,
        };
        Ok(self.send(self.request(answer::method(Op::Payout), &biz_content, now)))
    }

    pub(super) fn decode_payout(
        &self,
        payout: &PayoutOrder,
        response: &HttpResponse,
    ) -> Result<DisbursementAnswer, Unusable> {
        let (meaning, answer) = self.read_of_payout(Op::Payout, payout, response)?;
        match meaning {
            Meaning::Done => transfer(payout, &answer, &answer.trans_date).map(DisbursementAnswer::Observed),
            Meaning::Refused(_) => {
                Ok(DisbursementAnswer::Refused { code: answer.code(), message: answer.message() })
            }
            Meaning::Fact(_) => Err(answer.unknown(Trouble::ProviderError)),
            Meaning::Unknown(trouble) => Err(answer.unknown(trouble)),
        }
    }

    pub(super) fn encode_payout_query(
        &self,
        payout: &PayoutOrder,
        now: Timestamp,
    ) -> Result<HttpRequest, EncodeError> {
        limits::number("channel_ref", &payout.channel_ref)?;
        let name = TransferName {
            out_biz_no: &payout.channel_ref,
            product_code: PRODUCT_CODE,
            biz_scene: BIZ_SCENE,
        };
        Ok(self.send(self.request(answer::method(Op::PayoutQuery), &name, now)))
    }

    pub(super) fn decode_payout_query(
        &self,
        payout: &PayoutOrder,
        response: &HttpResponse,
    ) -> Result<Observation, Unusable> {
        let (meaning, answer) = self.read_of_payout(Op::PayoutQuery, payout, response)?;
        match meaning {
            Meaning::Done if answer.status == "SUCCESS" && answer.trans_amount.is_empty() => {
                Err(answer.unusable("paid, but trans_amount is missing"))
            }
            Meaning::Done => transfer(payout, &answer, &answer.pay_date),
            Meaning::Fact(Presence::NotFound) => {
                Ok(Observation::of(Presence::NotFound, answer.code(), answer.message()))
            }
            Meaning::Fact(_) => Err(answer.unknown(Trouble::ProviderError)),
            Meaning::Refused(trouble) | Meaning::Unknown(trouble) => Err(answer.unknown(trouble)),
        }
    }

    /// Reads an answer that, where it names the transfer's own number, must name the one that is known.
    fn read_of_payout<'a>(
        &self,
        op: Op,
        payout: &PayoutOrder,
        response: &'a HttpResponse,
    ) -> Result<(Meaning, Answer<'a>), Unusable> {
        let (meaning, answer) = self.read(op, &payout.channel_ref, response)?;
        answer.must_name("order_id", &answer.order_id, payout.channel_order_no.as_deref())?;
        Ok((meaning, answer))
    }
}

fn payee_info(payee: &Payee) -> Result<PayeeInfo<'_>, EncodeError> {
    let Payee::Alipay { account, name } = payee else {
        return Err(EncodeError::CannotDo(payee.kind().name()));
    };
    let (account, name) = (account.trim(), name.trim());
    limits::text("payee.account", account, MAX_ACCOUNT)?;
    if account.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(limits::refuse("payee.account", "an Alipay user id or login name has no blanks"));
    }
    let identity_type = if is_user_id(account) { "ALIPAY_USER_ID" } else { "ALIPAY_LOGON_ID" };
    // A user id is the account itself; a login name could be anybody's, so the holder's name must confirm it.
    if !name.is_empty() || identity_type == "ALIPAY_LOGON_ID" {
        limits::text("payee.name", name, MAX_NAME)?;
    }
    Ok(PayeeInfo { identity: account, identity_type, name })
}

/// 16 digits that begin with 2088.
fn is_user_id(account: &str) -> bool {
    account.len() == 16 && account.starts_with("2088") && account.bytes().all(|b| b.is_ascii_digit())
}

/// What is stated of the transfer. An amount is stated only of a paid one.
fn transfer(payout: &PayoutOrder, answer: &Answer<'_>, date: &str) -> Result<Observation, Unusable> {
    let presence = codes::payout::presence(&answer.status).map_err(|trouble| answer.unknown(trouble))?;
    let amount =
        optional_yuan(&answer.trans_amount).ok_or_else(|| answer.unusable("trans_amount is no amount"))?;
    let amount = amount.filter(|_| presence == Presence::Paid);
    if amount.is_some_and(|amount| amount != payout.amount) {
        return Err(answer.unusable("trans_amount is not this payout's"));
    }
    Ok(Observation {
        amount,
        paid_at: matches!(presence, Presence::Paid | Presence::Refunded)
            .then(|| text::parse_beijing(date))
            .flatten(),
        channel_order_no: (!answer.order_id.is_empty()).then(|| answer.order_id.to_string()),
        ..Observation::of(presence, answer.code(), answer.message())
    })
}
