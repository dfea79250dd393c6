//! Tokens, signing headers, timestamps, signatures, replays.

use sluice_sim::client::NewRecharge;
use sluice_sim::client::sign::{OrderType, sha256_hex, signed_bytes};
use sluice_sim::clock::now_s;
use sluice_sim::keys::{self, SigningKey};

use crate::case::{Case, World, altered, case, recorded};

const TOKEN_MISSING: (u16, &str) = (401, "token_missing");
const TOKEN: (u16, &str) = (401, "token_invalid");
const MALFORMED: (u16, &str) = (400, "header_malformed");
const WINDOW: (u16, &str) = (400, "timestamp_out_of_window");
const DENIED: (u16, &str) = (403, "access_denied");
const SIGNATURE: (u16, &str) = (401, "signature_invalid");
const MEDIA: (u16, &str) = (415, "media_type");
const NONCE: (u16, &str) = (409, "nonce_reused");
const OK: (u16, &str) = (200, "");

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = tokens();
    cases.extend(forms());
    cases.extend(times());
    cases.extend(tampered());
    cases.extend(keys_and_passwords());
    cases.extend(replays());
    cases.extend(several_at_once());
    cases
}

fn tokens() -> Vec<Case> {
    let mut cases = vec![
        case("no token", TOKEN_MISSING, |w| w.post().token(None)),
        case("an unknown token", TOKEN, |w| {
            w.post().token(Some("sat_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))
        }),
        case("a token that is too long", TOKEN, |w| w.post().token(Some(&"a".repeat(300)))),
        case("a revoked token", TOKEN, |w| w.post().token(Some(&w.revoked_token))),
        case("another app's token", SIGNATURE, |w| w.post().token(Some(w.b.token().unwrap().expose()))),
        altered("a token twice", TOKEN, World::post, |signed| {
            let again = signed.headers.iter().find(|(name, _)| name == "Authorization").unwrap().clone();
            signed.headers.push(again);
        }),
    ];
    for value in ["Basic dXNlcjpwdw==", "Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "token"] {
        cases.push(case(format!("Authorization: {value}"), TOKEN, move |w| {
            w.post().header("Authorization", value)
        }));
    }
    cases
}

fn forms() -> Vec<Case> {
    let mut cases = Vec::new();
    for name in ["Sluice-Key", "Sluice-Timestamp", "Sluice-Nonce", "Sluice-Signature"] {
        cases.push(case(format!("{name} missing"), MALFORMED, move |w| w.post().without_header(name)));
        cases.push(altered(format!("{name} twice"), MALFORMED, World::post, move |signed| {
            let again = signed.headers.iter().find(|(known, _)| known == name).unwrap().clone();
            signed.headers.push(again);
        }));
    }
    let long = |length| "a".repeat(length);
    for (name, value) in [
        ("Sluice-Key", String::new()),
        ("Sluice-Key", long(65)),
        ("Sluice-Key", "mk 1".to_owned()),
        ("Sluice-Key", "mk_1;mk_2".to_owned()),
        ("Sluice-Timestamp", String::new()),
        ("Sluice-Timestamp", "now".to_owned()),
        ("Sluice-Timestamp", "1795560030.5".to_owned()),
        ("Sluice-Timestamp", "+1795560030".to_owned()),
        ("Sluice-Timestamp", "01795560030".to_owned()),
        ("Sluice-Timestamp", "0x6b066f5e".to_owned()),
        ("Sluice-Timestamp", "99999999999999999999".to_owned()),
        ("Sluice-Nonce", "short".to_owned()),
        ("Sluice-Nonce", long(65)),
        ("Sluice-Nonce", "0123456789abcde.".to_owned()),
        ("Sluice-Signature", String::new()),
        ("Sluice-Signature", "AAAA".to_owned()),
        ("Sluice-Signature", "v2=AAAA".to_owned()),
        ("Sluice-Signature", "v1=".to_owned()),
        ("Sluice-Signature", "v1=AAA".to_owned()),
        ("Sluice-Signature", "v1=__--".to_owned()),
        ("Sluice-Signature", "v1=AA AA".to_owned()),
        ("Sluice-Signature", format!("v1={}", long(1024))),
    ] {
        let shown: String = value.chars().take(24).collect();
        cases.push(case(format!("{name}: {shown:?}"), MALFORMED, move |w| w.post().header(name, &value)));
    }
    cases.extend([
        case("a signature of another length", SIGNATURE, |w| w.post().header("Sluice-Signature", "v1=AAAA")),
        case("Content-Encoding: gzip", MEDIA, |w| w.post().header("Content-Encoding", "gzip")),
        case("Content-Encoding: identity", MEDIA, |w| w.post().header("Content-Encoding", "identity")),
        case("Content-Type: text/plain", MEDIA, |w| w.post().header("Content-Type", "text/plain")),
        case("Content-Type: a form", MEDIA, |w| {
            w.post().header("Content-Type", "application/x-www-form-urlencoded")
        }),
        case("headers in another case, JSON with a charset", (409, "order_conflict"), |w| {
            let conflict = NewRecharge::new("W-1", 101);
            w.a.request("POST", "/v1/recharges")
                .json(&conflict)
                .header("content-type", "Application/JSON; charset=utf-8")
        }),
    ]);
    cases
}

fn times() -> Vec<Case> {
    let at = |offset: i64| move |w: &World| w.post().timestamp(now_s() + offset);
    vec![
        case("310 s ago", WINDOW, at(-310)),
        case("310 s ahead", WINDOW, at(310)),
        case("1970", WINDOW, |w| w.post().timestamp(0)),
        case("before 1970", WINDOW, |w| w.post().timestamp(-5)),
        case("the end of time", WINDOW, |w| w.post().timestamp(i64::MAX)),
        case("the beginning of time", WINDOW, |w| w.post().timestamp(i64::MIN)),
        case("milliseconds", WINDOW, |w| w.post().timestamp(now_s() * 1_000)),
        case("290 s ago is in time", OK, |w| w.get().timestamp(now_s() - 290)),
        case("290 s ahead is in time", OK, |w| w.get().timestamp(now_s() + 290)),
    ]
}

/// Every line of the text, changed on its way.
fn tampered() -> Vec<Case> {
    let header = |name: &'static str, value: String| {
        move |signed: &mut sluice_sim::client::Signed| {
            signed.headers.iter_mut().find(|(known, _)| known == name).unwrap().1 = value.clone();
        }
    };
    let mut cases = vec![
        case("signed in another app's name", SIGNATURE, |w| w.post().client_id(w.b.client_id())),
        case("signed for another order type", SIGNATURE, |w| w.post().order_type(OrderType::Trade)),
        case("signed for an order type that is none", SIGNATURE, |w| w.post().order_type("refund")),
        case("another method than signed", SIGNATURE, |w| w.post().sign_method("PUT")),
        case("the method in lower case in the text", SIGNATURE, |w| w.post().sign_method("post")),
        case("another path than signed", SIGNATURE, |w| w.post().sign_target("/v1/recharges/x")),
        case("a query that is not signed", SIGNATURE, |w| {
            w.a.request("GET", "/v1/recharges?limit=1").sign_target("/v1/recharges")
        }),
        case("a signed query that is not sent", SIGNATURE, |w| {
            w.a.request("GET", "/v1/recharges").sign_target("/v1/recharges?limit=1")
        }),
        case("another body than signed", SIGNATURE, |w| w.post().sign_body("{}")),
        case("a body that is not signed", SIGNATURE, |w| w.post().sign_body("")),
        altered("a blank added to the body", SIGNATURE, World::post, |signed| signed.body.push(b' ')),
        altered(
            "another time than signed",
            SIGNATURE,
            World::post,
            header("Sluice-Timestamp", now_s().saturating_sub(7).to_string()),
        ),
        altered(
            "another nonce than signed",
            SIGNATURE,
            World::post,
            header("Sluice-Nonce", "0123456789abcdef".to_owned()),
        ),
        altered(
            "another key id than signed",
            SIGNATURE,
            World::post,
            header("Sluice-Key", "mk_other".to_owned()),
        ),
    ];
    // Texts of another version or kind: what one signature says can't be taken for another.
    for lines in
        [["sluice-v2", "request"], ["sluice-v1", "response"], ["sluice-v1", "callback"], ["sluice-v1", ""]]
    {
        cases.push(case(format!("a text that begins with {lines:?}"), SIGNATURE, move |w| by_hand(w, lines)));
    }
    cases
}

/// A request signed by hand over a text that begins with these two lines; the rest is right.
fn by_hand(w: &World, [version, kind]: [&str; 2]) -> sluice_sim::client::Request {
    let (timestamp, nonce) = (now_s().to_string(), keys::random_hex(16));
    let target = format!("/v1/recharges/{}", w.order_a);
    let (client_id, key_id, body) = (w.a.client_id(), w.a.key_id(), sha256_hex(b""));
    let lines = [version, kind, client_id, key_id, "recharge", "GET", &target, &timestamp, &nonce, &body];
    let bytes = signed_bytes(&lines, &w.a.password(OrderType::Recharge));
    let signature = key_of(w, 0).sign(&bytes).unwrap();
    w.a.request("GET", &target)
        .timestamp(timestamp)
        .nonce(&nonce)
        .header("Sluice-Signature", &format!("v1={signature}"))
}

/// An app's own private key.
fn key_of(w: &World, app: usize) -> SigningKey {
    let pem = std::fs::read_to_string(&w.stand.file().apps[app].private_key_file).unwrap();
    SigningKey::from_pem(&pem.into()).unwrap()
}

fn keys_and_passwords() -> Vec<Case> {
    vec![
        case("an unknown key id", SIGNATURE, |w| w.post().key_id("mk_0000000000000000")),
        case("another app's key id", SIGNATURE, |w| w.post().key_id(w.b.key_id())),
        case("another app's key and key id", SIGNATURE, |w| {
            w.post().key_id(w.b.key_id()).signing_key(key_of(w, 1))
        }),
        case("our key id, another app's key", SIGNATURE, |w| w.post().signing_key(key_of(w, 1))),
        case("a revoked key", SIGNATURE, |w| w.revoked.request("GET", "/v1/recharges")),
        case("a wrong password", SIGNATURE, |w| w.post().password("spw_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")),
        case("no password", SIGNATURE, |w| w.post().password("")),
        case("another type's password", SIGNATURE, |w| w.post().password(w.a.password(OrderType::Trade))),
        case("another app's password", SIGNATURE, |w| w.post().password(w.b.password(OrderType::Recharge))),
        case("the right key and password, on another app's order", (404, "order_not_found"), |w| {
            w.a.request("GET", &format!("/v1/recharges/{}", w.order_b))
        }),
    ]
}

fn replays() -> Vec<Case> {
    vec![
        recorded("a creation played again", NONCE, |w| &w.recorded),
        // A read has no effect to repeat.
        recorded("a read played again", OK, |w| &w.recorded_read),
        case("a used nonce in another request", NONCE, |w| {
            let used = w.recorded.headers.iter().find(|(name, _)| name == "Sluice-Nonce").unwrap();
            w.post().nonce(&used.1)
        }),
        altered("a recorded signature in a request of today", SIGNATURE, World::post, |signed| {
            let mut other = signed.headers.clone();
            other.reverse();
            signed.headers = other;
            signed.target = "/v1/recharges?limit=1".to_owned();
        }),
    ]
}

/// With two things wrong, the first in the gate's order answers: a later step is not even looked at.
fn several_at_once() -> Vec<Case> {
    let old = |w: &World| w.post().timestamp(0);
    let denied = |w: &World| w.denied.request("GET", "/v1/recharges");
    let replayed =
        |w: &World| w.recorded.headers.iter().find(|(name, _)| name == "Sluice-Nonce").unwrap().1.clone();
    vec![
        case("no token and no headers", TOKEN_MISSING, |w| w.post().token(None).without_header("Sluice-Key")),
        case("a bad token and a bad target", TOKEN, |w| {
            w.a.request("GET", "/v1/recharges/").token(Some("sat_x"))
        }),
        case("a bad header and an old time", MALFORMED, move |w| old(w).without_header("Sluice-Nonce")),
        case("a bad header and a bad target", MALFORMED, |w| {
            w.a.request("GET", "/v1/recharges/").without_header("Sluice-Nonce")
        }),
        case("an old time of a denied app", WINDOW, move |w| denied(w).timestamp(0)),
        case("a denied app", DENIED, denied),
        case("a denied app with an unknown key", DENIED, move |w| denied(w).key_id("mk_0000000000000000")),
        case("a wrong key and a used nonce", SIGNATURE, move |w| {
            w.post().signing_key(key_of(w, 1)).nonce(&replayed(w))
        }),
        case("a wrong password and a body that is no JSON", SIGNATURE, |w| w.post_body("{").password("x")),
        case("a used nonce and a body that is no JSON", NONCE, move |w| w.post_body("{").nonce(&replayed(w))),
    ]
}
