//! A gateway on a real port, and the merchant's server at Alipay: written with `rsa` alone, so that the gateway is
//! held against another implementation of the wire.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::sha2::Sha256;
use serde_json::{Value, json};
use sluice_sim::alipay::Settings;
use sluice_sim::keys::{self, PemPair, SigningKey, VerifyingKey};
use sluice_sim::server;
use sluice_sim::simulator::Simulator;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

pub(crate) const APP_ID: &str = "2021000199990001";
pub(crate) const SELLER_ID: &str = "2088102146225135";

/// The merchant's key at Alipay and Alipay's own; made once, keys take a moment.
pub(crate) fn pairs() -> &'static (PemPair, PemPair) {
    static PAIRS: OnceLock<(PemPair, PemPair)> = OnceLock::new();
    PAIRS.get_or_init(|| (keys::generate().unwrap(), keys::generate().unwrap()))
}

/// A running gateway and everything a test does with it.
pub(crate) struct World {
    pub(crate) base: String,
    pub(crate) http: reqwest::Client,
    pub(crate) receiver: Receiver,
    app_key: rsa::PrivateKey,
    alipay_key: rsa::PublicKey,
}

impl World {
    pub(crate) async fn start() -> Self {
        let (app, alipay) = pairs();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings {
            app_id: APP_ID.into(),
            seller_id: SELLER_ID.into(),
            app_public_key: VerifyingKey::from_pem(&app.public).unwrap(),
            private_key: SigningKey::from_pem(&alipay.private).unwrap(),
            base_url: base.clone(),
            time_scale: 60 * 40, // the first retry comes after 100 ms
        };
        let router = Simulator::new(settings, 1).router();
        tokio::spawn(server::serve(listener, router, std::future::pending()));
        Self {
            base,
            http: reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap(),
            receiver: Receiver::start().await,
            app_key: rsa::PrivateKey::from_pkcs8_pem(app.private.expose()).unwrap(),
            alipay_key: rsa::PublicKey::from_public_key_pem(&alipay.public).unwrap(),
        }
    }

    /// The parameters of a request, without a signature.
    pub(crate) fn params(&self, method: &str, content: &Value) -> BTreeMap<String, String> {
        [
            ("app_id", APP_ID),
            ("method", method),
            ("format", "JSON"),
            ("charset", "utf-8"),
            ("sign_type", "RSA2"),
            ("timestamp", "2026-11-24 10:20:30"),
            ("version", "1.0"),
            ("notify_url", &self.receiver.url),
            ("biz_content", &content.to_string()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
    }

    /// Signs as Alipay's documents say: sorted, joined, RSA2.
    pub(crate) fn sign(&self, mut params: BTreeMap<String, String>) -> BTreeMap<String, String> {
        let text: Vec<_> = params.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let signature = self.app_key.pkcs1v15_sign::<Sha256>(text.join("&").as_bytes()).unwrap();
        params.insert("sign".into(), STANDARD.encode(signature));
        params
    }

    /// Sends parameters as the official clients do: everything in the query but the content.
    pub(crate) async fn send(&self, params: &BTreeMap<String, String>) -> reqwest::Result<reqwest::Response> {
        let (body, query): (Vec<_>, Vec<_>) = params.iter().partition(|(name, _)| *name == "biz_content");
        self.http.post(format!("{}/alipay/gateway.do", self.base)).query(&query).form(&body).send().await
    }

    /// A call; answers with the content of the answer after checking its signature.
    pub(crate) async fn call(&self, method: &str, content: Value) -> Value {
        let answer = self.send(&self.sign(self.params(method, &content))).await.unwrap();
        assert_eq!(answer.status(), 200);
        let body = answer.text().await.unwrap();
        self.verified(method, &body).unwrap_or_else(|| panic!("not signed: {body}"))
    }

    /// The node of an answer, if its signature is over the node's bytes.
    pub(crate) fn verified(&self, method: &str, body: &str) -> Option<Value> {
        let start = format!("{{\"{}_response\":", method.replace('.', "_"));
        let (node, rest) = body.strip_prefix(&start)?.rsplit_once(",\"sign\":\"")?;
        let signature = STANDARD.decode(rest.strip_suffix("\"}")?).ok()?;
        self.alipay_key.pkcs1v15_verify::<Sha256>(node.as_bytes(), &signature).ok()?;
        serde_json::from_str(node).ok()
    }

    /// The fields of a notification, if it is Alipay's.
    pub(crate) fn notification(&self, body: &[u8]) -> Option<BTreeMap<String, String>> {
        let mut fields: BTreeMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        let signature = STANDARD.decode(fields.remove("sign")?).ok()?;
        assert_eq!(fields.remove("sign_type")?, "RSA2");
        let text: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.alipay_key.pkcs1v15_verify::<Sha256>(text.join("&").as_bytes(), &signature).ok()?;
        Some(fields)
    }

    pub(crate) async fn precreate(&self, number: &str, yuan: &str) -> Value {
        let content = json!({ "out_trade_no": number, "total_amount": yuan, "subject": "充值 100%" });
        self.call("alipay.trade.precreate", content).await
    }

    pub(crate) async fn query(&self, number: &str) -> Value {
        self.call("alipay.trade.query", json!({ "out_trade_no": number })).await
    }

    pub(crate) async fn close(&self, number: &str) -> Value {
        self.call("alipay.trade.close", json!({ "out_trade_no": number })).await
    }

    /// A payment that is paid, and whose payment nobody was told of.
    pub(crate) async fn paid(&self, number: &str, yuan: &str) {
        self.precreate(number, yuan).await;
        self.act(number, json!({ "action": "pay", "notify": "never" })).await;
    }

    pub(crate) async fn refund(&self, payment: &str, number: &str, yuan: &str) -> Value {
        self.call("alipay.trade.refund", refund(payment, number, yuan)).await
    }

    pub(crate) async fn refund_query(&self, payment: &str, number: &str) -> Value {
        let content = json!({ "out_trade_no": payment, "out_request_no": number });
        self.call("alipay.trade.fastpay.refund.query", content).await
    }

    pub(crate) async fn transfer(&self, number: &str, yuan: &str) -> Value {
        self.call("alipay.fund.trans.uni.transfer", transfer(number, yuan)).await
    }

    pub(crate) async fn transfer_query(&self, number: &str) -> Value {
        let content = json!({ "out_biz_no": number, "product_code": "TRANS_ACCOUNT_NO_PWD",
            "biz_scene": "DIRECT_TRANSFER" });
        self.call("alipay.fund.trans.common.query", content).await
    }

    /// The record with this number in the provider's books.
    pub(crate) async fn record(&self, number: &str) -> Value {
        let (status, body) = self.control("GET", &format!("/control/orders/{number}"), Value::Null).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Asks `what` until it `holds`.
    pub(crate) async fn until(&self, what: impl AsyncFn() -> Value, holds: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + Duration::from_secs(8);
        loop {
            let seen = what().await;
            if holds(&seen) {
                return seen;
            }
            assert!(Instant::now() < until, "still {seen}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A control call: status and body.
    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, format!("{}{path}", self.base));
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    pub(crate) async fn act(&self, number: &str, act: Value) -> Value {
        let (status, body) = self.control("POST", &format!("/control/orders/{number}"), act).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    pub(crate) async fn fault(&self, op: &str, fault: Value) {
        let rules = json!([{ "channel": "alipay", "op": op, "fault": fault }]);
        assert_eq!(self.control("PUT", "/control/faults", rules).await.0, 200);
    }

    /// Waits until the receiver has `count` notifications of `number`.
    pub(crate) async fn notified(&self, number: &str, count: usize) -> Vec<BTreeMap<String, String>> {
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let all = self.receiver.bodies();
            let own: Vec<_> = all
                .iter()
                .filter_map(|body| self.notification(body))
                .filter(|fields| fields["out_trade_no"] == number)
                .collect();
            if own.len() >= count {
                return own;
            }
            assert!(Instant::now() < until, "{} of {count} notifications of {number}", own.len());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// The content of a refund.
pub(crate) fn refund(payment: &str, number: &str, yuan: &str) -> Value {
    json!({ "out_trade_no": payment, "refund_amount": yuan, "out_request_no": number })
}

/// The content of a transfer.
pub(crate) fn transfer(number: &str, yuan: &str) -> Value {
    json!({ "out_biz_no": number, "trans_amount": yuan, "product_code": "TRANS_ACCOUNT_NO_PWD",
        "biz_scene": "DIRECT_TRANSFER", "order_title": "提现",
        "payee_info": { "identity": "payee@example.com", "identity_type": "ALIPAY_LOGON_ID", "name": "李四" } })
}

/// Where the merchant's server gets notifications.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    inner: Arc<Mutex<Inbox>>,
}

#[derive(Default)]
struct Inbox {
    bodies: Vec<Bytes>,
    /// How many to refuse first.
    refuse: usize,
}

impl Receiver {
    async fn start() -> Self {
        let inner = Arc::<Mutex<Inbox>>::default();
        let router = Router::new().route("/notify/alipay", post(receive)).with_state(Arc::clone(&inner));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/notify/alipay", listener.local_addr().unwrap());
        tokio::spawn(server::serve(listener, router, std::future::pending()));
        Self { url, inner }
    }

    pub(crate) fn refuse(&self, count: usize) {
        self.inner.lock().unwrap().refuse = count;
    }

    pub(crate) fn bodies(&self) -> Vec<Bytes> {
        self.inner.lock().unwrap().bodies.clone()
    }
}

async fn receive(State(inner): State<Arc<Mutex<Inbox>>>, body: Bytes) -> &'static str {
    let mut inbox = inner.lock().unwrap();
    inbox.bodies.push(body);
    if inbox.refuse > 0 {
        inbox.refuse -= 1;
        return "fail";
    }
    "success"
}
