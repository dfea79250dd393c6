//! Creating a payment: `alipay.trade.precreate` (a code to scan) and `alipay.trade.page.pay` (a page).

use std::time::Duration;

use serde::Serialize;
use sluice_core::observation::Observation;
use sluice_core::order::{Method, Payment};
use sluice_core::time::Timestamp;

use super::answer::Unusable;
use super::codes::{Meaning, Op};
use super::{Alipay, answer, limits, text};
use crate::protocol::{CreateAnswer, CreateOrder, CreateStep, EncodeError, HttpResponse};

const PAGE_PAY: &str = "alipay.trade.page.pay";

const MAX_URL: usize = 256;
const MAX_SUBJECT: usize = 256;
const MAX_EXPIRY: Duration = Duration::from_secs(15 * 86_400);

#[derive(Serialize)]
struct BizContent<'a> {
    out_trade_no: &'a str,
    total_amount: String,
    subject: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_code: Option<&'static str>,
    // Absolute, so that a repetition of the creation says the same; `timeout_express` would not.
    time_expire: String,
}

impl Alipay {
    pub(super) fn encode_create(
        &self,
        order: &CreateOrder,
        now: Timestamp,
    ) -> Result<CreateStep, EncodeError> {
        check(order, now)?;
        let (method, product_code) = match order.method {
            Method::Qr => (answer::method(Op::Create), None),
            Method::Page => (PAGE_PAY, Some("FAST_INSTANT_TRADE_PAY")),
            other => return Err(EncodeError::CannotDo(other.name())),
        };
        let biz_content = BizContent {
            out_trade_no: &order.channel_ref,
            total_amount: order.amount.to_decimal(),
            subject: text::subject(&order.subject),
            product_code,
            time_expire: text::beijing(order.expires_at),
        };
        let request = self.request(method, &biz_content, now).with("notify_url", &order.notify_url);
        Ok(match order.method {
            // A form rather than a redirect: a URL with the whole order in it may exceed what browsers and proxies
            // take, and would stay in their histories and logs. And its bytes are laid out as a server's call's are.
            Method::Page => {
                let request = request.with("return_url", order.return_url.as_deref().unwrap_or_default());
                CreateStep::Ready(request.sign(&self.key).to_form(&self.gateway_url))
            }
            _ => CreateStep::Send(self.send(request)),
        })
    }

    pub(super) fn decode_create(
        &self,
        order: &CreateOrder,
        first: bool,
        response: &HttpResponse,
    ) -> Result<CreateAnswer, Unusable> {
        let (meaning, answer) = self.read(Op::Create, &order.channel_ref, response)?;
        match meaning {
            Meaning::Done if answer.qr_code.is_empty() => Err(answer.unusable("the answer holds no qr_code")),
            Meaning::Done => Ok(CreateAnswer::Accepted {
                payment: Payment::Qr { content: answer.qr_code.into_owned() },
                // Alipay makes the trade, and its number, when the code is scanned.
                channel_order_no: None,
            }),
            Meaning::Refused(_) if first => {
                Ok(CreateAnswer::Refused { code: answer.code(), message: answer.message() })
            }
            Meaning::Refused(trouble) | Meaning::Unknown(trouble) => Err(answer.unknown(trouble)),
            Meaning::Fact(presence) => {
                Ok(CreateAnswer::Observed(Observation::of(presence, answer.code(), answer.message())))
            }
        }
    }
}

fn check(order: &CreateOrder, now: Timestamp) -> Result<(), EncodeError> {
    limits::number("channel_ref", &order.channel_ref)?;
    limits::amount(order.amount, limits::MIN_PAYMENT)?;
    limits::text("subject", &order.subject, MAX_SUBJECT)?;
    if order.expires_at.since(now) > MAX_EXPIRY {
        return Err(limits::refuse("expires_in", "Alipay keeps a payment open for at most 15 days"));
    }
    if order.notify_url.len() > MAX_URL {
        return Err(limits::refuse("notify_url", "Alipay takes at most 256 bytes"));
    }
    if order.return_url.as_ref().is_some_and(|url| url.len() > MAX_URL) {
        return Err(limits::refuse("return_url", "Alipay takes at most 256 bytes"));
    }
    Ok(())
}
