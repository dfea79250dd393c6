//! Notifications: what Alipay tells the merchant's server, and how stubbornly.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

use super::wire::{signed_form, yuan};
use super::{Settings, ops};
use crate::clock;
use crate::provider::books::Books;
use crate::provider::fault::Fault;
use crate::provider::order::{Event, Order};
use crate::provider::{Channel, Op, Plan, Rules};

/// The waits between tries at Alipay: eight tries within about a day.
const RETRIES: [Duration; 7] = [
    Duration::from_secs(4 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(3_600),
    Duration::from_secs(2 * 3_600),
    Duration::from_secs(6 * 3_600),
    Duration::from_secs(15 * 3_600),
];

/// How long the receiver may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How many notifications are under way at once.
const CONCURRENCY: usize = 128;

/// How many wait for their next try at once; beyond that the provider gives up early.
const PENDING: usize = 50_000;

/// Sends notifications.
#[derive(Clone)]
pub(super) struct Courier(Arc<Inner>);

struct Inner {
    settings: Settings,
    rules: Arc<Rules>,
    books: Arc<Books>,
    http: reqwest::Client,
    lanes: Semaphore,
    pending: Arc<Semaphore>,
}

impl fmt::Debug for Courier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Courier")
    }
}

impl Courier {
    pub(super) fn new(settings: &Settings, rules: Arc<Rules>, books: Arc<Books>) -> Self {
        Self(Arc::new(Inner {
            settings: settings.clone(),
            rules,
            books,
            http: crate::plain_http(TIMEOUT),
            lanes: Semaphore::new(CONCURRENCY),
            pending: Arc::new(Semaphore::new(PENDING)),
        }))
    }

    /// Starts telling of `event`; every copy has its own retries.
    pub(super) fn send(&self, order: &Order, event: Event, plan: Plan) {
        let Some(url) = order.notify_url.clone() else { return };
        let (copies, delay) = match plan {
            Plan::Never => return,
            Plan::Now => (1, Duration::ZERO),
            Plan::Twice => (2, Duration::ZERO),
            Plan::AfterMs(ms) => (1, Duration::from_millis(ms)),
        };
        let fields = fields(&self.0.settings, order, event);
        // Both copies of one event carry its one id, as a repeated delivery does.
        for _ in 0..copies {
            let Ok(permit) = Arc::clone(&self.0.pending).try_acquire_owned() else {
                tracing::warn!("too many notifications wait, one is given up");
                return;
            };
            let (inner, url, fields) = (Arc::clone(&self.0), url.clone(), fields.clone());
            let channel_ref = order.channel_ref.clone();
            tokio::spawn(async move {
                tokio::time::sleep(delay).await;
                inner.deliver(&channel_ref, &url, fields).await;
                drop(permit);
            });
        }
    }
}

impl Inner {
    async fn deliver(&self, channel_ref: &str, url: &str, mut fields: BTreeMap<String, String>) {
        for wait in RETRIES.iter().map(Some).chain([None]) {
            fields.insert("notify_time".into(), clock::beijing(clock::now_ms()));
            let drawn = self.rules.faults.draw(Channel::Alipay, Op::Notify);
            tokio::time::sleep(drawn.delay).await;
            let outcome = self.try_once(url, &fields, drawn.fault).await;
            let acknowledged = outcome.as_deref() == Ok("200 success");
            let counted = drawn.fault.map_or(if acknowledged { "ok" } else { "refused" }, Fault::name);
            self.rules.counts.add(Channel::Alipay, Op::Notify, counted);
            self.books.change(channel_ref, |order| {
                order.notifications.sent += 1;
                order.notifications.acknowledged += u32::from(acknowledged);
                order.notifications.last = Some(outcome.unwrap_or_else(|error| error));
            });
            match wait {
                Some(wait) if !acknowledged => {
                    tokio::time::sleep(*wait / self.settings.time_scale.max(1)).await;
                }
                _ => return,
            }
        }
    }

    /// One try: the receiver's status and body, or why there is none.
    async fn try_once(
        &self,
        url: &str,
        fields: &BTreeMap<String, String>,
        fault: Option<Fault>,
    ) -> Result<String, String> {
        let Ok(_lane) = self.lanes.acquire().await else { return Err("shutting down".into()) };
        let body = match fault {
            // The receiver never hears of it.
            Some(fault @ (Fault::Timeout | Fault::Reset | Fault::TooFrequent)) => {
                return Err(fault.name().into());
            }
            Some(Fault::Garbage) => "%%%&=garbage".to_owned(),
            Some(Fault::WrongSignature) => {
                let mut form = self.sign(fields)?;
                form.push_str("&extra=1"); // a parameter that the signature does not cover
                form
            }
            Some(Fault::WrongAmount) => self.sign(&one_fen_more(fields))?,
            Some(Fault::NotFound) => {
                let mut fields = fields.clone();
                fields.insert("out_trade_no".into(), "UNKNOWN0000000000000000000".into());
                self.sign(&fields)?
            }
            Some(Fault::Http500 | Fault::SlowMs(_)) | None => self.sign(fields)?,
        };
        let answer = self
            .http
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(body)
            .send()
            .await
            .map_err(|error| error.without_url().to_string())?;
        let status = answer.status();
        let body = answer.text().await.map_err(|error| error.without_url().to_string())?;
        if fault == Some(Fault::Http500) {
            return Err("http_500".into()); // told, but its acknowledgement is lost
        }
        let start: String = body.chars().take(64).collect();
        Ok(format!("{} {start}", status.as_u16()))
    }

    fn sign(&self, fields: &BTreeMap<String, String>) -> Result<String, String> {
        signed_form(fields, &self.settings.private_key).map_err(|error| error.to_string())
    }
}

fn one_fen_more(fields: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut fields = fields.clone();
    if let Some(amount) = fields.get_mut("total_amount")
        && let Some(fen) = super::wire::fen(amount)
    {
        *amount = yuan(fen + 1);
    }
    fields
}

/// The content of a notification, without what changes from try to try.
fn fields(settings: &Settings, order: &Order, event: Event) -> BTreeMap<String, String> {
    let index = match event {
        Event::Paid(index) => index,
        Event::Refunded(_) => 0,
    };
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    let mut set = |name: &str, value: &str| drop(fields.insert(name.to_owned(), value.to_owned()));
    set("notify_type", "trade_status_sync");
    set("notify_id", &format!("{}{}", clock::beijing_date(clock::now_ms()), crate::keys::random_hex(13)));
    set("app_id", &settings.app_id);
    set("auth_app_id", &settings.app_id);
    set("seller_id", &settings.seller_id);
    set("buyer_id", "2088102122458832");
    set("charset", "utf-8");
    set("version", "1.0");
    set("out_trade_no", &order.channel_ref);
    set("subject", &order.subject);
    set("gmt_create", &clock::beijing(order.scanned_at.unwrap_or(order.created_at)));
    if let Some(payment) = order.payments.get(index) {
        let amount = yuan(payment.amount_minor);
        set("trade_no", &payment.channel_order_no);
        set("total_amount", &amount);
        set("receipt_amount", &amount);
        set("buyer_pay_amount", &amount);
        set("gmt_payment", &clock::beijing(payment.paid_at));
        set("fund_bill_list", &format!("[{{\"amount\":\"{amount}\",\"fundChannel\":\"ALIPAYACCOUNT\"}}]"));
    }
    match event {
        Event::Paid(_) => set("trade_status", "TRADE_SUCCESS"),
        Event::Refunded(index) => {
            set("trade_status", ops::status(order));
            set("refund_fee", &yuan(order.refunded_minor()));
            if let Some(refund) = order.refunds.get(index) {
                let at = clock::beijing(refund.course.succeeded_at.unwrap_or(refund.requested_at));
                set("gmt_refund", &at);
                set("out_biz_no", &refund.request_no);
                if ops::status(order) == "TRADE_CLOSED" {
                    set("gmt_close", &at);
                }
            }
        }
    }
    fields
}
