//! The Alipay gateway (`/alipay/gateway.do`): one URL for every method, RSA2 signatures both ways.
//!
//! The way of a request: read the parameters → known app and method → signature → hidden limit → fault → the
//! operation → signed answer. Pages and codes are what the payer sees, notifications what the merchant's server
//! is told.

mod notify;
mod ops;
mod page;
mod wire;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use std::sync::Arc;
use std::time::Duration;

use crate::clock;
use crate::keys::{KeyError, SigningKey, VerifyingKey};
use crate::provider::books::Books;
use crate::provider::fault::Fault;
use crate::provider::order::{Event, Order};
use crate::provider::{Channel, Gateway, Plan, Rules};
use crate::server::Hangup;
use notify::Courier;
use wire::{Node, Params};

/// How long an unanswered request is held open.
const SILENCE: Duration = Duration::from_secs(60);

/// The page that real gateways show when they are ill: GBK, whatever charset was asked for (系统繁忙).
const GARBAGE: &[u8] = b"<html><head><meta charset=\"gbk\"></head><body>\xcf\xb5\xcd\xb3\xb7\xb1\xc3\xa6</bo";

/// Who the gateway thinks its one merchant is.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The merchant's app at Alipay.
    pub app_id: String,
    /// The merchant's account at Alipay.
    pub seller_id: String,
    /// The key that the merchant registered.
    pub app_public_key: VerifyingKey,
    /// Alipay's own key.
    pub private_key: SigningKey,
    /// Where this gateway is reached; no trailing slash.
    pub base_url: String,
    /// The real retry schedule of notifications is divided by this.
    pub time_scale: u32,
}

/// The gateway.
#[derive(Debug)]
pub struct Alipay {
    settings: Settings,
    rules: Arc<Rules>,
    books: Arc<Books>,
    courier: Courier,
}

impl Alipay {
    /// A gateway with empty books.
    pub fn new(settings: Settings, rules: Arc<Rules>) -> Arc<Self> {
        let books = Arc::new(Books::default());
        let courier = Courier::new(&settings, Arc::clone(&rules), Arc::clone(&books));
        Arc::new(Self { settings, rules, books, courier })
    }

    /// The gateway's routes.
    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/alipay/gateway.do", post(gateway).get(gateway))
            .route("/alipay/qr/{code}", get(page::scan))
            .with_state(Arc::clone(self))
    }

    fn as_gateway(self: &Arc<Self>) -> Arc<dyn Gateway> {
        Arc::<Self>::clone(self)
    }
}

impl Gateway for Alipay {
    fn channel(&self) -> Channel {
        Channel::Alipay
    }

    fn books(&self) -> &Books {
        &self.books
    }

    fn notify(&self, order: &Order, event: Event, plan: Plan) {
        self.courier.send(order, event, plan);
    }
}

async fn gateway(
    State(alipay): State<Arc<Alipay>>,
    Extension(hangup): Extension<Hangup>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let params = Params::read(query.as_deref().unwrap_or_default(), &body);
    let method = params.get("method").unwrap_or_default();
    if method == page::METHOD {
        return page::open(&alipay, &params).await;
    }
    let Some(op) = ops::op(method) else {
        let node = Node::coded("40002", "Invalid Arguments").with("sub_code", "isv.invalid-method");
        return json(wire::unsigned_answer("error_response", &node));
    };
    let count = |outcome| alipay.rules.counts.add(Channel::Alipay, op, outcome);
    if let Err(node) = identify(&alipay.settings, &params) {
        count("bad_request");
        return json(wire::unsigned_answer(&wire::node_name(method), &node));
    }

    let mut drawn = alipay.rules.faults.draw(Channel::Alipay, op);
    if !alipay.rules.limits.admit(Channel::Alipay, op, clock::now_ms()) {
        drawn.fault = Some(Fault::TooFrequent);
    }
    if !drawn.delay.is_zero() {
        tokio::time::sleep(drawn.delay).await;
    }
    let node = match drawn.fault {
        Some(fault @ (Fault::Reset | Fault::Http500)) => {
            count(fault.name());
            if fault == Fault::Reset {
                hangup.now();
            }
            return (StatusCode::INTERNAL_SERVER_ERROR, "<html><body>500</body></html>").into_response();
        }
        Some(Fault::TooFrequent) => Node::coded("40005", "Call Limited")
            .with("sub_code", "isv.method-call-limited")
            .with("sub_msg", "接口调用频率超限"),
        Some(Fault::NotFound) => ops::not_found(op),
        _ => {
            let reply = ops::run(&alipay, op, &params).await;
            if reply.withheld {
                drawn.fault = Some(Fault::Timeout);
            }
            reply.node
        }
    };
    count(drawn.fault.map_or(node.outcome(), Fault::name));
    let name = wire::node_name(method);
    let key = &alipay.settings.private_key;
    match drawn.fault {
        Some(Fault::Timeout) => {
            tokio::time::sleep(SILENCE).await;
            hangup.now();
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
        Some(Fault::Garbage) => html(GARBAGE),
        Some(Fault::WrongSignature) => signed(wire::wrongly_signed_answer(&name, &node, key)),
        Some(Fault::WrongAmount) => signed(wire::signed_answer(&name, &ops::one_fen_more(node), key)),
        _ => signed(wire::signed_answer(&name, &node, key)),
    }
}

/// Whether the request is our merchant's; if not, the answer that says so, which Alipay leaves unsigned.
fn identify(settings: &Settings, params: &Params) -> Result<(), Node> {
    let invalid = |sub_code: &str, sub_msg: &str| {
        Err(Node::coded("40002", "Invalid Arguments").with("sub_code", sub_code).with("sub_msg", sub_msg))
    };
    if params.get("app_id") != Some(&settings.app_id) {
        return invalid("isv.invalid-app-id", "无效的AppID参数");
    }
    if params.get("sign_type") != Some("RSA2") {
        return invalid("isv.invalid-signature-type", "无效的签名类型");
    }
    if params.get("charset").is_none_or(|charset| !charset.eq_ignore_ascii_case("utf-8")) {
        return invalid("isv.invalid-charset", "字符集错误");
    }
    if params.get("version") != Some("1.0") {
        return invalid("isv.invalid-version", "无效的版本参数");
    }
    if params.get("timestamp").and_then(clock::parse_beijing).is_none() {
        return invalid("isv.invalid-timestamp", "非法的时间戳参数");
    }
    if !params.verify(&settings.app_public_key) {
        return invalid("isv.invalid-signature", "无效签名");
    }
    Ok(())
}

fn signed(answer: Result<String, KeyError>) -> Response {
    match answer {
        Ok(body) => json(body),
        Err(error) => {
            tracing::error!(%error, "the gateway cannot sign");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Alipay says `text/html` of its JSON, too.
fn json(body: String) -> Response {
    ([(CONTENT_TYPE, "text/html;charset=utf-8")], body).into_response()
}

fn html(body: &'static [u8]) -> Response {
    ([(CONTENT_TYPE, "text/html;charset=gbk")], body).into_response()
}
