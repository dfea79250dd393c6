//! Alipay's vectors: requests, notifications and answers.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use sluice_channels::alipay::{Alipay, Request};
use sluice_channels::protocol::{IncomingNotification, Lookup, Protocol, RefundOrder};
use sluice_channels::rsa::{SigningKey, VerifyingKey};
use sluice_core::money::{Amount, Currency};
use sluice_core::observation::Trouble;
use sluice_core::time::Timestamp;

use crate::common::{GATEWAY, account, lookup, refund, response};

type Params = BTreeMap<String, String>;

pub(crate) fn run(file: &Value) -> (usize, Vec<String>) {
    let cases = file["cases"].as_array().map_or(&[][..], Vec::as_slice);
    let failed = cases.iter().filter_map(|case| {
        let outcome = match text(case, "kind") {
            "request" => request(file, case),
            "notification" => notification(file, case),
            "response" => answer(file, case),
            other => Err(format!("unknown kind {other:?}")),
        };
        outcome.err().map(|why| format!("{}: {why}", text(case, "name")))
    });
    (cases.len(), failed.collect())
}

/// Text to sign, signature and body are the vector's; a tampered one is not what we would sign.
fn request(file: &Value, case: &Value) -> Result<(), String> {
    let account = account(file);
    let key = SigningKey::from_pkcs8_pem(account.private_key_pem.expose_secret()).unwrap();
    let public = VerifyingKey::from_spki_pem(text(file, "app_public_key")).unwrap();
    let given = params(case);
    let request = given.iter().fold(Request::default(), |request, (name, value)| request.with(name, value));
    let to_sign = request.string_to_sign();
    let signed = request.sign(&key);
    let vector_sign = STANDARD.decode(text(case, "sign")).unwrap_or_default();

    if !is_valid(case) {
        let verifies = public.verify_sha256(to_sign.as_bytes(), &vector_sign);
        return check(!verifies, || "a tampered request verifies".to_owned());
    }
    equal("string to sign", &to_sign, text(case, "string_to_sign"))?;
    equal("signature", signed.sign(), text(case, "sign"))?;
    check(public.verify_sha256(to_sign.as_bytes(), &vector_sign), || {
        "own signature does not verify".to_owned()
    })?;

    // The vector sends everything in the body, we split it between URL and body: the same parameters must arrive,
    // but for empty ones, which we never send.
    let mut want = decode(text(case, "body"));
    want.retain(|_, value| !value.is_empty());
    let call = signed.to_http(GATEWAY);
    let body = String::from_utf8(call.body).unwrap();
    let mut sent = decode(call.url.strip_prefix(GATEWAY).unwrap().trim_start_matches('?'));
    sent.extend(decode(&body));
    equal("parameters", &format!("{sent:?}"), &format!("{want:?}"))?;
    // And byte by byte, `biz_content` is escaped alike.
    let in_vector =
        text(case, "body").split('&').find(|pair| pair.starts_with("biz_content=")).unwrap_or_default();
    equal("biz_content in the body", &as_python(&body), in_vector)?;
    whole_operation(file, case, &given)
}

/// Where the vector holds nothing but what an operation of ours has, the protocol itself must make the same request.
fn whole_operation(file: &Value, case: &Value, given: &Params) -> Result<(), String> {
    let biz: Value = serde_json::from_str(&given["biz_content"]).unwrap_or_default();
    let number = text(&biz, "out_trade_no");
    let is_plain = given["biz_content"] == format!(r#"{{"out_trade_no":"{number}"}}"#);
    let alipay = alipay(file, &given["app_id"], "");
    let now = Timestamp::parse_rfc3339(&format!("{}+08:00", given["timestamp"].replace(' ', "T"))).unwrap();
    let call = match given.get("method").map_or("", String::as_str) {
        _ if given.len() != 8 => return Ok(()),
        "alipay.trade.query" if is_plain => alipay.query(&lookup(number), now),
        "alipay.trade.close" if is_plain => alipay.close(&lookup(number), now),
        "alipay.trade.refund" => alipay.refund(&refund_of(&biz), now),
        _ => return Ok(()),
    };
    let call = call.map_err(|e| e.to_string())?;
    let sent = decode(call.url.strip_prefix(GATEWAY).unwrap().trim_start_matches('?'));
    equal("signature of the whole operation", &sent["sign"], text(case, "sign"))
}

/// The refund that a vector asks for.
fn refund_of(biz: &Value) -> RefundOrder {
    let amount = Amount::from_decimal(text(biz, "refund_amount"), Currency::CNY).unwrap();
    RefundOrder {
        channel_ref: text(biz, "out_trade_no").to_owned(),
        refund_ref: text(biz, "out_request_no").to_owned(),
        amount,
        paid: amount,
        reason: text(biz, "refund_reason").to_owned(),
        ..refund()
    }
}

/// Accepted if and only if valid.
fn notification(file: &Value, case: &Value) -> Result<(), String> {
    let fields = params(case);
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    // The account is that of the file's first valid notification, so that one for another account is refused.
    let is_ours = |case: &&Value| text(case, "kind") == "notification" && is_valid(case);
    let ours = file["cases"].as_array().unwrap().iter().find(is_ours).map_or_else(Params::new, params);
    let id = |name: &str| ours.get(name).map_or("", String::as_str);
    let alipay = alipay(file, id("app_id"), id("seller_id"));
    let body = text(case, "body").as_bytes().to_vec();
    match (alipay.notification(&IncomingNotification { headers: Vec::new(), body }), is_valid(case)) {
        (Ok(_), false) => Err("a tampered notification is accepted".to_owned()),
        (Err(_), false) => Ok(()),
        (Err(why), true) => Err(why.to_string()),
        (Ok(read), true) => {
            equal("out_trade_no", &read.channel_ref, field("out_trade_no"))?;
            equal("notify_id", read.notify_id.as_deref().unwrap_or_default(), field("notify_id"))?;
            let amount = read.observation.amount.map_or_else(String::new, |a| a.to_decimal());
            if read.observation.presence.is_usable() {
                equal("total_amount", &amount, field("total_amount"))?;
            }
            Ok(())
        }
    }
}

/// The signed node is found and verified if and only if valid; and no tampered answer gives a fact.
fn answer(file: &Value, case: &Value) -> Result<(), String> {
    let alipay = alipay(file, "", "");
    let node = text(case, "node");
    let method = node.strip_suffix("_response").unwrap_or(node).replace('_', ".");
    let body = text(case, "body");
    let opened = alipay.open(&method, body.as_bytes());
    match (&opened, is_valid(case)) {
        (Ok(_), false) => return Err("a tampered answer is accepted".to_owned()),
        (Err(trouble), true) => return Err(format!("refused: {trouble:?}")),
        (Ok(raw), true) => {
            equal("signed bytes", &String::from_utf8_lossy(raw), text(case, "string_to_sign"))?
        }
        (Err(_), false) => {}
    }
    let fields: Value = serde_json::from_str(text(case, "string_to_sign")).unwrap_or_default();
    let about: Lookup = lookup(fields["out_trade_no"].as_str().unwrap_or("rch_02p"));
    let seen = match method.as_str() {
        "alipay.trade.query" => alipay.query_answer(&about, &response(body)),
        "alipay.trade.close" => alipay.close_answer(&about, &response(body)),
        _ => return Ok(()),
    };
    let disbelieved = matches!(seen.trouble, Some(Trouble::BadSignature | Trouble::Garbage));
    if is_valid(case) {
        return check(!disbelieved, || format!("not believed: {seen:?}"));
    }
    check(!seen.presence.is_usable(), || format!("a fact from a tampered answer: {seen:?}"))
}

/// The file's account, with the ids of a case where it names any.
fn alipay(file: &Value, app_id: &str, seller_id: &str) -> Alipay {
    let mut account = account(file);
    for (ours, named) in [(&mut account.app_id, app_id), (&mut account.seller_id, seller_id)] {
        if !named.is_empty() {
            named.clone_into(ours);
        }
    }
    Alipay::new(account).unwrap()
}

fn params(case: &Value) -> Params {
    let params = case["params"].as_object().unwrap();
    params.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

fn decode(form: &str) -> Params {
    form_urlencoded::parse(form.as_bytes()).into_owned().collect()
}

/// Python escapes `*` and leaves `~`; browsers, and we, do it the other way round. Both decode alike.
fn as_python(form: &str) -> String {
    form.replace('*', "%2A").replace("%7E", "~")
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// A case without the mark fails rather than passing as either.
fn is_valid(case: &Value) -> bool {
    case["valid"].as_bool().unwrap_or_else(|| panic!("{}: no `valid`", text(case, "name")))
}

fn equal(what: &str, ours: &str, vector: &str) -> Result<(), String> {
    check(ours == vector, || format!("{what} differs\n  ours:   {ours}\n  vector: {vector}"))
}

fn check(holds: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why()) }
}
