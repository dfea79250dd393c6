//! Paths, methods and ids: what is there, and whose it is.

use serde_json::json;

use crate::case::{Case, World, case, wire};

const NONE: (u16, &str) = (404, "not_found");
const NO_ORDER: (u16, &str) = (404, "order_not_found");
const FIELD: (u16, &str) = (422, "field_invalid");
const JSON: (u16, &str) = (400, "json_invalid");
const TOKEN: (u16, &str) = (401, "token_invalid");

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = orders();
    cases.extend(methods());
    cases.extend(passwords());
    cases.extend(token_requests());
    cases
}

fn orders() -> Vec<Case> {
    let mut cases: Vec<_> = [
        "rch_",
        "rch_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "rch_01arz3ndektsv4rrffq69g5fav",
        "wdr_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "W-1",
        "-1",
        "__proto__",
    ]
    .into_iter()
    .map(|id| {
        case(format!("order {id}"), NO_ORDER, move |w| w.a.request("GET", &format!("/v1/recharges/{id}")))
    })
    .collect();
    cases.push(case("an id of 4 000 characters", NO_ORDER, |w| {
        w.a.request("GET", &format!("/v1/recharges/rch_{}", "A".repeat(4_000)))
    }));
    let theirs = |method: &'static str, rest: &'static str| {
        move |w: &World| w.a.request(method, &format!("/v1/recharges/{}{rest}", w.order_b))
    };
    cases.extend([
        case("another app's order", NO_ORDER, theirs("GET", "")),
        case("another app's timeline", NO_ORDER, theirs("GET", "/timeline")),
        case("closing another app's order", NO_ORDER, theirs("POST", "/close")),
        case("replaying another app's callback", NO_ORDER, |w| {
            w.a.request("POST", &format!("/v1/recharges/{}/callbacks/{}/replay", w.order_b, w.callback_b))
        }),
        case("another app's callback under an order of ours", NONE, |w| {
            w.a.request("POST", &format!("/v1/recharges/{}/callbacks/{}/replay", w.order_a, w.callback_b))
        }),
        case("closing with a reason that nobody asked for", JSON, |w| {
            w.a.request("POST", &format!("/v1/recharges/{}/close", w.order_a)).json(&json!({"reason": "x"}))
        }),
        case("closing with a body that is no JSON", JSON, |w| {
            w.a.request("POST", &format!("/v1/recharges/{}/close", w.order_a)).body("close")
        }),
        case("another app's number finds nothing", (200, ""), |w| {
            w.a.request("GET", "/v1/recharges?merchant_order_no=W-2")
        }),
    ]);
    cases
}

fn methods() -> Vec<Case> {
    let mut cases = Vec::new();
    for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "get"] {
        cases
            .push(case(format!("{method} of the list"), NONE, move |w| w.a.request(method, "/v1/recharges")));
    }
    cases.extend([
        case("POST of an order", NONE, |w| w.a.request("POST", &format!("/v1/recharges/{}", w.order_a))),
        case("money by POST", NONE, |w| w.a.request("POST", "/v1/balances").json(&json!({"user_ref": "u1"}))),
        case("money with the password of recharges", (401, "signature_invalid"), |w| {
            let password = w.a.password(sluice_sim::client::OrderType::Recharge);
            w.a.request("GET", "/v1/balances?user_ref=u1").password(password)
        }),
        case("a path below a path", NONE, |w| {
            w.a.request("GET", &format!("/v1/recharges/{}/x/y/z", w.order_a))
        }),
        case("a path of no order type", NONE, |w| w.a.request("GET", "/v1/nothing")),
        case("another version", NONE, |w| w.a.request("GET", "/v2/recharges")),
        case("the root", NONE, |w| w.a.request("GET", "/")),
        case("the admin's page", NONE, |w| w.a.request("GET", "/admin/config.php")),
        case("the metrics", NONE, |w| w.a.request("GET", "/metrics")),
        wire("TRACE", (401, "token_missing"), |_| plain("TRACE /v1/recharges HTTP/1.1")),
        wire("CONNECT", NONE, |_| plain("CONNECT shop.example:443 HTTP/1.1")),
        wire("OPTIONS *", NONE, |_| plain("OPTIONS * HTTP/1.1")),
    ]);
    cases
}

fn plain(line: &str) -> Vec<u8> {
    format!("{line}\r\nHost: x\r\nConnection: close\r\n\r\n").into_bytes()
}

fn passwords() -> Vec<Case> {
    let put = |body: serde_json::Value| {
        move |w: &World| w.a.request("PUT", "/v1/access-passwords/recharge").json(&body)
    };
    vec![
        case("a password of no type", NONE, |w| {
            w.a.request("PUT", "/v1/access-passwords/all").json(&json!({}))
        }),
        case("reading a password", NONE, |w| w.a.request("GET", "/v1/access-passwords/recharge")),
        case("a password without anything", FIELD, put(json!({}))),
        case("an unknown wallet key", FIELD, put(json!({"wallet_key": "wk_0", "ciphertext": "AAAA"}))),
        case(
            "a password in the clear",
            JSON,
            put(json!({"wallet_key": "wk_0", "ciphertext": "AAAA", "password": "x"})),
        ),
        case("a ciphertext that is no base64", FIELD, |w| {
            let key = w.a.wallet_keys().first().unwrap().0;
            w.a.request("PUT", "/v1/access-passwords/recharge")
                .json(&json!({"wallet_key": key, "ciphertext": "%"}))
        }),
        case("a ciphertext that is none", FIELD, |w| {
            let (key, _) = w.a.wallet_keys().first().unwrap();
            let ciphertext = "A".repeat(342) + "==";
            w.a.request("PUT", "/v1/access-passwords/recharge")
                .json(&json!({"wallet_key": key, "ciphertext": ciphertext}))
        }),
        case("a ciphertext for another type", FIELD, |w| {
            let (id, key) = w.a.wallet_keys().first().unwrap();
            let label = format!("{}:trade", w.a.client_id());
            let ciphertext = key.encrypt(b"a-fine-long-password-9dK2mQx7Lp", label.as_bytes()).unwrap();
            w.a.request("PUT", "/v1/access-passwords/recharge")
                .json(&json!({"wallet_key": id, "ciphertext": ciphertext}))
        }),
        case("a weak password", FIELD, |w| {
            let (id, key) = w.a.wallet_keys().first().unwrap();
            let label = format!("{}:recharge", w.a.client_id());
            let ciphertext = key.encrypt(b"passwordpasswordpassword", label.as_bytes()).unwrap();
            w.a.request("PUT", "/v1/access-passwords/recharge")
                .json(&json!({"wallet_key": id, "ciphertext": ciphertext}))
        }),
    ]
}

/// `POST /v1/token` has no signature to stand behind.
fn token_requests() -> Vec<Case> {
    let post = |name: &str, want, body: Box<dyn Fn(&World) -> String + Send + Sync>| {
        wire(name, want, move |w| {
            let body = body(w);
            let length = body.len();
            format!(
                "POST /v1/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n\
                 Content-Length: {length}\r\n\r\n{body}"
            )
            .into_bytes()
        })
    };
    let ask = |client_id: &str, secret: &str, grant: &str| {
        json!({"grant_type": grant, "client_id": client_id, "client_secret": secret}).to_string()
    };
    let secret = |w: &World, app: usize| w.stand.file().apps[app].client_secret.expose().to_owned();
    vec![
        post(
            "a token for a wrong secret",
            TOKEN,
            Box::new(move |w| ask(w.a.client_id(), "ssc_wrong", "client_credentials")),
        ),
        post(
            "a token for nobody",
            TOKEN,
            Box::new(move |_| ask("app_nobody", "ssc_wrong", "client_credentials")),
        ),
        post(
            "a token for another's secret",
            TOKEN,
            Box::new(move |w| ask(w.a.client_id(), &secret(w, 1), "client_credentials")),
        ),
        post(
            "a token by another grant",
            FIELD,
            Box::new(move |w| ask(w.a.client_id(), &secret(w, 0), "password")),
        ),
        post("a token for nothing", FIELD, Box::new(|_| "{}".to_owned())),
        post("a token for garbage", JSON, Box::new(|_| "grant_type=client_credentials".to_owned())),
        post(
            "a token with SQL in it",
            TOKEN,
            Box::new(move |_| ask("' OR 1=1 --", "' OR 1=1 --", "client_credentials")),
        ),
        wire("a token by GET", NONE, |_| plain("GET /v1/token?client_id=a HTTP/1.1")),
    ]
}
