//! Notifications that are forged, broken, or of something else; made here from the wire's description.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use sluice_sim::client::Order;
use sluice_sim::keys::SigningKey;
use sluice_sim::secret::Secret;
use sluice_sim::stand::Stand;

use super::{Scene, line, reference};

const APP_ID: &str = "2021000199990001";
const SELLER_ID: &str = "2088102146225135";

/// Somebody who posts notifications.
struct Forger {
    scene: Scene,
    http: reqwest::Client,
    /// The provider's own key: signed by it, only the content can be wrong.
    provider: SigningKey,
    /// A key that is not the provider's.
    stranger: SigningKey,
}

impl Forger {
    async fn new(stand: Arc<Stand>) -> Self {
        let key = |name: &str| {
            let pem = std::fs::read_to_string(stand.dir().join("secrets").join(name)).unwrap();
            SigningKey::from_pem(&Secret::from(pem)).unwrap()
        };
        let (provider, stranger) = (key("alipay.pem"), key("app-1.pem"));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { scene: Scene::of_app(stand, 0).await, http, provider, stranger }
    }

    fn paid(&self, order: &Order, yuan: &str) -> BTreeMap<&'static str, String> {
        let text = |text: &str| text.to_owned();
        BTreeMap::from([
            ("notify_type", text("trade_status_sync")),
            ("notify_id", text("2026112400000001")),
            ("app_id", text(APP_ID)),
            ("seller_id", text(SELLER_ID)),
            ("out_trade_no", text(reference(order))),
            ("trade_no", format!("2026{}", &reference(order)[..20])),
            ("trade_status", text("TRADE_SUCCESS")),
            ("total_amount", text(yuan)),
            ("gmt_payment", text("2026-11-24 10:20:30")),
        ])
    }

    fn signed(fields: &BTreeMap<&'static str, String>, key: &SigningKey) -> String {
        let text: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        form.append_pair("sign_type", "RSA2")
            .append_pair("sign", &key.sign(text.join("&").as_bytes()).unwrap());
        form.finish()
    }

    /// What the daemon answers to a body.
    async fn post(&self, body: String) -> (u16, String) {
        let url = format!("{}/notify/alipay", self.scene.stand.file().api);
        let request = self.http.post(url).header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

pub(crate) async fn not_believed(stand: Arc<Stand>) {
    let forger = Forger::new(stand).await;
    let scene = &forger.scene;
    let order = scene.create("N-forged", 5_000).await;
    let right = forger.paid(&order, "50.00");
    let with = |name: &'static str, value: &str| {
        let mut fields = right.clone();
        fields.insert(name, value.to_owned());
        Forger::signed(&fields, &forger.provider)
    };
    let genuine = Forger::signed(&right, &forger.provider);
    let unsigned: Vec<_> = genuine.split('&').filter(|pair| !pair.starts_with("sign=")).collect();
    for (what, body) in [
        ("another app", with("app_id", "2021000199990002")),
        ("another seller", with("seller_id", "2088102146225136")),
        ("an order that is not ours", with("out_trade_no", "01ARZ3NDEKTSV4RRFFQ69G5FAV01")),
        ("no amount", with("total_amount", "")),
        ("an amount that is none", with("total_amount", "fifty")),
        ("another type", with("notify_type", "fund_trans_sync")),
        ("signed by a stranger", Forger::signed(&right, &forger.stranger)),
        ("unsigned", unsigned.join("&")),
        ("changed after signing", genuine.replace("total_amount=50.00", "total_amount=5.00")),
        ("a field more than is signed", format!("{genuine}&extra=1")),
        ("a field twice", format!("{genuine}&total_amount=50.00")),
        ("empty", String::new()),
        ("garbage", "%%%&=\u{0}garbage".to_owned()),
        ("JSON", r#"{"out_trade_no": "1"}"#.to_owned()),
    ] {
        let (status, said) = forger.post(body).await;
        assert_ne!(said, "success", "{what} was taken");
        assert!(status < 500, "{what}: {status} {said}");
    }
    let unchanged = scene.merchant.recharge(&order.order_id).await.unwrap();
    assert!(unchanged.state < 3 && unchanged.flags.is_empty(), "{unchanged:?}");
    assert_eq!(scene.journals(&order).await.len(), 0);

    // The other doors.
    let api = &scene.stand.file().api;
    for (method, path) in [("GET", "/notify/alipay"), ("PUT", "/notify/alipay"), ("POST", "/notify/nobody")] {
        let request =
            forger.http.request(method.parse().unwrap(), format!("{api}{path}")).body(genuine.clone());
        let answer = request.send().await.unwrap();
        let (status, body) = (answer.status().as_u16(), answer.json::<Value>().await.unwrap());
        assert_eq!((status, body["error"]["code"].as_str()), (404, Some("not_found")), "{method} {path}");
    }

    // The genuine one, at last; and again, which the provider may do for a day.
    for _ in 0..3 {
        assert_eq!(forger.post(genuine.clone()).await, (200, "success".to_owned()));
    }
    let order = scene.reaches(&order, &[4]).await;
    assert_eq!(order.more["paid_at"], "2026-11-24T02:20:30.000Z", "Beijing's time");
    assert_eq!(scene.journals(&order).await.len(), 1);
}

/// Signed, ours, and not what was asked for: money that came in, and is credited to nobody.
pub(crate) async fn of_another_amount(stand: Arc<Stand>) {
    let forger = Forger::new(stand).await;
    let scene = &forger.scene;
    let order = scene.create("N-amount", 5_001).await;
    let other = Forger::signed(&forger.paid(&order, "50.00"), &forger.provider);
    assert_eq!(forger.post(other).await, (200, "success".to_owned()));
    let order = scene.is_flagged(&order, "amount_mismatch").await;
    assert!(order.state < 3);
    let waiting = vec![line("channel:alipay:clearing", 5_000), line("suspense", -5_000)];
    assert_eq!(scene.journals(&order).await, [waiting]);
}
