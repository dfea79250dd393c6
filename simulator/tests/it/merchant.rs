//! The sample merchant and the client: what verifies, what does not, and what is answered.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use base64::Engine as _;
use serde_json::{Value, json};
use sluice_sim::client::sign::{sha256_hex, signed_bytes};
use sluice_sim::client::{Credentials, Error, Merchant, NewRecharge, OrderType, Passwords, Unverified};
use sluice_sim::keys::{self, PemPair, SigningKey, VerifyingKey};
use sluice_sim::merchant::SampleMerchant;
use sluice_sim::secret::Secret;
use sluice_sim::server;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tokio::net::TcpListener;

fn pairs() -> &'static (PemPair, PemPair) {
    static PAIRS: OnceLock<(PemPair, PemPair)> = OnceLock::new();
    PAIRS.get_or_init(|| (keys::generate().unwrap(), keys::generate().unwrap()))
}

fn passwords() -> Passwords {
    Passwords { recharge: "spw_r".into(), withdraw: "spw_w".into(), trade: "spw_t".into() }
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(server::serve(listener, router, std::future::pending()));
    url
}

pub(crate) async fn sample() -> (String, reqwest::Client) {
    let sample = Arc::<SampleMerchant>::default();
    let keys = [("wk_1".to_owned(), pairs().1.public.clone())].into();
    sample.add_app("app_1", "app-1", passwords(), &keys).unwrap();
    let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_millis(700)).build().unwrap();
    (serve(sample.router()).await, http)
}

/// A callback as Sluice sends it.
fn callback(http: &reqwest::Client, url: &str, order_id: &str, password: &str) -> reqwest::RequestBuilder {
    let body = json!({ "callback_id": "cbk_1", "type": "recharge.paid", "order": { "order_id": order_id } });
    signed_callback(http, url, OrderType::Recharge, password, &body)
}

/// The same with any body, of any type.
pub(crate) fn signed_callback(
    http: &reqwest::Client,
    url: &str,
    order_type: OrderType,
    password: &str,
    body: &Value,
) -> reqwest::RequestBuilder {
    let body = body.to_string();
    let lines = [
        "sluice-v1",
        "callback",
        "app_1",
        "wk_1",
        order_type.word(),
        "cbk_1",
        "POST",
        "1795484459",
        "0123456789abcdef",
        &sha256_hex(body.as_bytes()),
    ];
    let key = SigningKey::from_pem(&pairs().1.private).unwrap();
    let signature = key.sign(&signed_bytes(&lines, &Secret::from(password))).unwrap();
    http.post(url)
        .header("sluice-key", "wk_1")
        .header("sluice-type", order_type.word())
        .header("sluice-callback", "cbk_1")
        .header("sluice-timestamp", "1795484459")
        .header("sluice-nonce", "0123456789abcdef")
        .header("sluice-signature", format!("v1={signature}"))
        .body(body)
}

async fn received(http: &reqwest::Client, base: &str, order_id: &str) -> Vec<Value> {
    let url = format!("{base}/control/received?order_id={order_id}");
    let answer: Value = http.get(url).send().await.unwrap().json().await.unwrap();
    answer["received"].as_array().unwrap().clone()
}

#[tokio::test]
async fn callbacks_are_verified_and_kept() {
    let (base, http) = sample().await;
    let url = format!("{base}/callback/app-1");
    let answer = callback(&http, &url, "rch_1", "spw_r").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (200, "success"));
    let kept = received(&http, &base, "rch_1").await;
    assert_eq!(kept.len(), 1);
    assert_eq!((&kept[0]["verified"], &kept[0]["answered"]), (&json!(true), &json!("success")));
    assert_eq!(kept[0]["headers"]["sluice-key"], "wk_1");
    let body =
        base64::engine::general_purpose::STANDARD.decode(kept[0]["body_base64"].as_str().unwrap()).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap()["order"]["order_id"], "rch_1");

    // Signed with a password that the merchant does not know, then told.
    callback(&http, &url, "rch_2", "spw_new").send().await.unwrap();
    let tell = json!({ "client_id": "app_1", "type": "recharge", "password": "spw_new" });
    let told = http.put(format!("{base}/control/passwords")).json(&tell).send().await.unwrap();
    assert_eq!(told.status(), 200);
    callback(&http, &url, "rch_2", "spw_new").send().await.unwrap();
    let verdicts: Vec<_> =
        received(&http, &base, "rch_2").await.iter().map(|one| one["verified"].clone()).collect();
    assert_eq!(verdicts, [false, true]);

    // A body that the signature does not cover, and an app that does not exist.
    callback(&http, &url, "rch_3", "spw_new")
        .body("{\"order\":{\"order_id\":\"rch_3\"}}")
        .send()
        .await
        .unwrap();
    let forged = &received(&http, &base, "rch_3").await[0];
    assert_eq!(
        (&forged["verified"], &forged["why_not"]),
        (&json!(false), &json!("the signature does not verify"))
    );
    let nowhere = callback(&http, &format!("{base}/callback/app_9"), "rch_4", "spw_r").send().await.unwrap();
    assert_eq!(nowhere.status(), 404);
}

#[tokio::test]
async fn answers_are_as_told() {
    let (base, http) = sample().await;
    let url = format!("{base}/callback/app_1");
    for (index, (answer, password, status, body)) in [
        (json!("success"), "spw_r", Some(200), "success"),
        (json!("success"), "spw_wrong", Some(200), "success"),
        (json!("verify"), "spw_r", Some(200), "success"),
        (json!("verify"), "spw_wrong", Some(401), ""),
        (json!("wrong_body"), "spw_r", Some(200), "thank you"),
        (json!("http_500"), "spw_r", Some(500), ""),
        (json!("close"), "spw_r", None, ""),
        (json!("timeout"), "spw_r", None, ""),
        (json!({ "slow_ms": 100 }), "spw_r", Some(200), "success"),
    ]
    .into_iter()
    .enumerate()
    {
        let set = json!({ "client_id": "app_1", "answer": answer });
        assert_eq!(
            http.put(format!("{base}/control/answers")).json(&set).send().await.unwrap().status(),
            200
        );
        let order_id = format!("rch_{index}");
        let got = callback(&http, &url, &order_id, password).send().await;
        match status {
            Some(status) => {
                let got = got.unwrap();
                assert_eq!(got.status(), status, "{answer}");
                assert_eq!(got.text().await.unwrap(), body, "{answer}");
            }
            None => assert_eq!(got.unwrap_err().is_timeout(), answer == "timeout"),
        }
        assert_eq!(received(&http, &base, &order_id).await.len(), 1, "{answer}");
    }
    for (path, body, status) in [
        ("answers", json!({ "client_id": "app_9", "answer": "success" }), 404),
        ("answers", json!({ "client_id": "app_1", "answer": "shrug" }), 400),
        ("passwords", json!({ "client_id": "app_1", "type": "gift", "password": "x" }), 400),
    ] {
        let got = http.put(format!("{base}/control/{path}")).json(&body).send().await.unwrap();
        assert_eq!(got.status(), status, "{body}");
    }
}

/// A Sluice that signs what it is told to, with one thing wrong on demand.
#[derive(Clone, Default)]
pub(crate) struct Impostor {
    wrong: Arc<Mutex<&'static str>>,
    seen: Arc<Mutex<Vec<(String, bool)>>>,
    /// What it answers instead of an order.
    content: Arc<Mutex<Option<String>>>,
}

impl Impostor {
    /// The last request, `METHOD target body`, if it was signed as it must be.
    pub(crate) fn last_genuine(&self) -> Option<String> {
        self.seen.lock().unwrap().pop().filter(|(_, genuine)| *genuine).map(|(request, _)| request)
    }

    pub(crate) fn answer_with(&self, content: impl ToString) {
        *self.content.lock().unwrap() = Some(content.to_string());
    }
}

async fn answer(State(impostor): State<Impostor>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    if head.uri.path() == "/v1/token" {
        return Response::new(Body::from(
            "{\"access_token\":\"tok\",\"token_type\":\"Bearer\",\"expires_in\":7200}",
        ));
    }
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let header =
        |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let target = head.uri.path_and_query().unwrap().as_str();
    let order_type = OrderType::of_target(target).unwrap();
    let lines = [
        "sluice-v1",
        "request",
        "app_1",
        header("sluice-key"),
        order_type.word(),
        head.method.as_str(),
        target,
        header("sluice-timestamp"),
        header("sluice-nonce"),
        &sha256_hex(&body),
    ];
    let signed = signed_bytes(&lines, passwords().of(order_type));
    let key = VerifyingKey::from_pem(&pairs().0.public).unwrap();
    let genuine = key.verifies(&signed, header("sluice-signature").strip_prefix("v1=").unwrap_or_default())
        && header("authorization") == "Bearer tok";
    let request = format!("{} {target} {}", head.method, String::from_utf8_lossy(&body));
    impostor.seen.lock().unwrap().push((request.trim_end().to_owned(), genuine));

    let wrong = *impostor.wrong.lock().unwrap();
    let refuses = wrong == "refusal";
    let (status, content) = match refuses {
        true => (409, json!({ "error": { "code": "order_conflict", "message": "no", "request_id": "r" } })),
        false => (
            201,
            json!({ "order_id": "rch_1", "merchant_order_no": "N1", "state": 1,
            "amount": { "minor": 100, "currency": "CNY" }, "payment": { "kind": "qr", "content": "x" } }),
        ),
    };
    let content = impostor.content.lock().unwrap().clone().unwrap_or_else(|| content.to_string());
    let nonce = if wrong == "nonce" { "fedcba9876543210" } else { header("sluice-nonce") };
    let digest = sha256_hex(if wrong == "request" { b"another request" } else { &signed });
    let status_text = if wrong == "status" { "200".into() } else { status.to_string() };
    let lines = [
        "sluice-v1",
        "response",
        "app_1",
        "wk_1",
        order_type.word(),
        &status_text,
        nonce,
        "1795484459",
        &digest,
        &sha256_hex(content.as_bytes()),
    ];
    let password =
        if wrong == "password" { Secret::from("spw_x") } else { passwords().of(order_type).clone() };
    let own = SigningKey::from_pem(&pairs().1.private).unwrap();
    let signature = own.sign(&signed_bytes(&lines, &password)).unwrap();
    let content = if wrong == "body" { content.replace("rch_1", "rch_2") } else { content };
    let mut response = Response::builder()
        .status(status)
        .header("sluice-key", if wrong == "key" { "wk_9" } else { "wk_1" })
        .header("sluice-type", if wrong == "type" { "trade" } else { order_type.word() })
        .header("sluice-timestamp", "1795484459");
    if wrong != "unsigned" {
        response = response.header("sluice-signature", format!("v1={signature}"));
    }
    response.body(Body::from(Bytes::from(content))).unwrap()
}

pub(crate) async fn client() -> (Merchant, Impostor) {
    let impostor = Impostor::default();
    let url = serve(Router::new().fallback(answer).with_state(impostor.clone())).await;
    let credentials = Credentials {
        client_id: "app_1".into(),
        client_secret: "s".into(),
        key_id: "key_1".into(),
        private_key: pairs().0.private.clone(),
        passwords: passwords(),
        wallet_keys: [("wk_1".to_owned(), pairs().1.public.clone())].into(),
    };
    let merchant = Merchant::new(&url, &credentials).unwrap();
    merchant.login().await.unwrap();
    (merchant, impostor)
}

#[tokio::test]
async fn the_client_believes_only_what_is_signed_for_it() {
    let (merchant, impostor) = client().await;
    let recharge = NewRecharge::new("N1", 100);
    let order = merchant.create_recharge(&recharge).await.unwrap();
    assert_eq!((order.order_id.as_str(), order.state), ("rch_1", 1));

    for (wrong, expected) in [
        ("nonce", Unverified::Signature),
        ("request", Unverified::Signature),
        ("status", Unverified::Signature),
        ("password", Unverified::Signature),
        ("body", Unverified::Signature),
        ("key", Unverified::UnknownKey("wk_9".into())),
        ("type", Unverified::WrongType("trade".into())),
        ("unsigned", Unverified::Missing("sluice-signature")),
    ] {
        *impostor.wrong.lock().unwrap() = wrong;
        match merchant.create_recharge(&recharge).await {
            Err(Error::Unverified { why, status: 201, .. }) => assert_eq!(why, expected, "{wrong}"),
            other => panic!("{wrong}: {other:?}"),
        }
    }
    *impostor.wrong.lock().unwrap() = "refusal";
    let refused = merchant.create_recharge(&recharge).await.unwrap_err();
    assert!(
        matches!(&refused, Error::Refused { status: 409, code, .. } if code == "order_conflict"),
        "{refused}"
    );
}

#[tokio::test]
async fn every_part_of_a_request_can_be_made_wrong() {
    let (merchant, impostor) = client().await;
    let get = |target: &str| merchant.request("GET", target);
    let other = SigningKey::from_pem(&pairs().1.private).unwrap();
    let table = [
        (get("/v1/recharges/rch_1"), true),
        (get("/v1/recharges?merchant_order_no=%E5%85%85"), true),
        // Targets that clients tidy up go out as they are, and are signed as they are.
        (get("/v1/recharges/../recharges/rch_1"), true),
        (get("/v1/recharges/rch_1").password("spw_x"), false),
        (get("/v1/recharges/rch_1").client_id("app_2"), false),
        (get("/v1/recharges/rch_1").signing_key(other), false),
        (get("/v1/recharges/rch_1").sign_method("POST"), false),
        (get("/v1/recharges/rch_1").sign_target("/v1/recharges/rch_2"), false),
        (get("/v1/recharges/rch_1").sign_body("x"), false),
        (get("/v1/recharges/rch_1").token(None), false),
        (get("/v1/recharges/rch_1").token(Some("other")), false),
        (get("/v1/recharges/rch_1").header("Sluice-Nonce", "ffffffffffffffff"), false),
        (get("/v1/recharges/rch_1").without_header("sluice-signature"), false),
        (get("/v1/recharges/rch_1").key_id("key_2").timestamp(0).nonce("ffffffffffffffff"), true),
    ];
    for (request, genuine) in table {
        let shown = format!("{request:?}");
        request.send().await.unwrap();
        let (_, seen) = impostor.seen.lock().unwrap().pop().unwrap();
        assert_eq!(seen, genuine, "{shown}");
    }
}

#[tokio::test]
async fn the_wire_form_is_plain_http() {
    let (merchant, _) = client().await;
    let signed = merchant.request("POST", "/v1/recharges").json(&json!({ "a": 1 })).sign().unwrap();
    let wire = String::from_utf8(signed.to_wire()).unwrap();
    assert!(wire.starts_with("POST /v1/recharges HTTP/1.1\r\nHost: sluice\r\n"), "{wire}");
    assert!(wire.ends_with("Content-Length: 7\r\n\r\n{\"a\":1}"), "{wire}");
    assert!(!format!("{signed:?}").contains("spw_r"), "no password in Debug");
}
