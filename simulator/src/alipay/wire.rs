//! Alipay's wire format: parameters and what is signed of them, answers and what is signed of those.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

use crate::keys::{KeyError, SigningKey, VerifyingKey};

/// A request as it came: every parameter of the URL and of the form, decoded once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Params(BTreeMap<String, String>);

impl Params {
    /// Reads the query and the form body. A parameter in both counts once, as the body has it.
    pub(super) fn read(query: &str, body: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes()).chain(form_urlencoded::parse(body));
        Self(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// A parameter's value; an empty one counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether the request carries this key's signature.
    pub(super) fn verify(&self, key: &VerifyingKey) -> bool {
        let text = text_to_sign(self.0.iter().filter(|(name, _)| *name != "sign"));
        self.get("sign").is_some_and(|signature| key.verifies(text.as_bytes(), signature))
    }
}

/// Sorted, not URL-encoded, joined; empty values are left out.
fn text_to_sign<'a>(params: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    let mut text = String::new();
    for (name, value) in params.filter(|(_, value)| !value.is_empty()) {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    text
}

/// The form of a notification, signed: `sign` and `sign_type` stand outside the signed text.
///
/// # Errors
/// [`KeyError`] if signing fails.
pub(super) fn signed_form(fields: &BTreeMap<String, String>, key: &SigningKey) -> Result<String, KeyError> {
    let signature = key.sign(text_to_sign(fields.iter()).as_bytes())?;
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    Ok(form.append_pair("sign_type", "RSA2").append_pair("sign", &signature).finish())
}

/// The content of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node(pub(super) Map<String, Value>);

impl Node {
    /// `10000`: the call was done.
    pub(super) fn done() -> Self {
        Self::coded("10000", "Success")
    }

    /// `40004`: refused for a reason of business.
    pub(super) fn refused(sub_code: &str, sub_msg: &str) -> Self {
        Self::coded("40004", "Business Failed").with("sub_code", sub_code).with("sub_msg", sub_msg)
    }

    /// Any code.
    pub(super) fn coded(code: &str, msg: &str) -> Self {
        Self(Map::new()).with("code", code).with("msg", msg)
    }

    /// The same with one more member; its place is kept.
    #[must_use]
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// What the exchange is counted as.
    pub(super) fn outcome(&self) -> &'static str {
        match self.0.get("code").and_then(Value::as_str) {
            Some("10000") => "ok",
            Some("40004") => "refused",
            Some("40005") => "too_frequent",
            _ => "bad_request",
        }
    }

    /// The node's text. Alipay escapes slashes, so a receiver that writes the tree anew gets another text.
    pub(super) fn text(&self) -> String {
        Value::Object(self.0.clone()).to_string().replace('/', "\\/")
    }
}

/// The member that holds the answer to `method`.
pub(super) fn node_name(method: &str) -> String {
    format!("{}_response", method.replace('.', "_"))
}

/// The body of a signed answer: the signature is over the bytes of the node as they stand.
///
/// # Errors
/// [`KeyError`] if signing fails.
pub(super) fn signed_answer(name: &str, node: &Node, key: &SigningKey) -> Result<String, KeyError> {
    let text = node.text();
    let signature = key.sign(text.as_bytes())?;
    Ok(format!("{{\"{name}\":{text},\"sign\":\"{signature}\"}}"))
}

/// The same with a genuine signature of another text.
///
/// # Errors
/// [`KeyError`] if signing fails.
pub(super) fn wrongly_signed_answer(name: &str, node: &Node, key: &SigningKey) -> Result<String, KeyError> {
    let text = node.text();
    let signature = key.sign(format!("{text} ").as_bytes())?;
    Ok(format!("{{\"{name}\":{text},\"sign\":\"{signature}\"}}"))
}

/// The body of an unsigned answer, as the gateway gives before it knows who asks.
pub(super) fn unsigned_answer(name: &str, node: &Node) -> String {
    format!("{{\"{name}\":{}}}", node.text())
}

/// Reads decimal yuan, 0.01 to 100000000, at most two places, into fen.
pub(super) fn fen(yuan: &str) -> Option<i64> {
    let (whole, cents) = yuan.split_once('.').unwrap_or((yuan, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(cents) || cents.len() > 2 || whole.len() > 9 {
        return None;
    }
    let cents: i64 = format!("{cents:0<2}").parse().ok()?;
    let fen = whole.parse::<i64>().ok()? * 100 + cents;
    (1..=10_000_000_000).contains(&fen).then_some(fen)
}

/// Fen as decimal yuan with two places.
pub(super) fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

/// Reads a duration such as `90m`, `2h`, `15d` or `1c` (until the end of the day; taken as a day), in
/// milliseconds.
pub(super) fn express(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: i64 = number.parse().ok()?;
    let unit = match unit {
        "m" => 60_000,
        "h" => 3_600_000,
        "d" | "c" => 86_400_000,
        _ => return None,
    };
    (1..=21_600).contains(&number).then(|| number * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_sorted_raw_and_without_empty_values() {
        let params = Params::read(
            "charset=utf-8&sign_type=RSA2",
            "method=alipay.trade.precreate&app_auth_token=&biz_content=%7B%22subject%22%3A%22%E5%85%85+%2B%26%3D%25%22%7D&sign=x"
                .as_bytes(),
        );
        let text = text_to_sign(params.0.iter().filter(|(name, _)| *name != "sign"));
        assert_eq!(
            text,
            "biz_content={\"subject\":\"充 +&=%\"}&charset=utf-8&method=alipay.trade.precreate&sign_type=RSA2"
        );
    }

    /// Requests that another implementation (python-alipay-sdk) signed; the file is the daemon's test data.
    #[test]
    fn vectors_of_another_implementation_verify() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../daemon/channels/vectors/alipay.json");
        let vectors: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let key = VerifyingKey::from_pem(vectors["app_public_key"].as_str().unwrap()).unwrap();
        let mut requests = 0;
        for case in vectors["cases"].as_array().unwrap().iter().filter(|case| case["kind"] == "request") {
            let body = case["body"].as_str().unwrap();
            assert!(Params::read("", body.as_bytes()).verify(&key), "{}", case["name"]);
            let tampered = body.replace("rch_", "rch-");
            assert!(!Params::read("", tampered.as_bytes()).verify(&key), "{}", case["name"]);
            requests += 1;
        }
        assert!(requests >= 5, "{requests}");
    }

    #[test]
    fn amounts() {
        for (text, fen_) in [
            ("88.88", Some(8888)),
            ("0.01", Some(1)),
            ("1", Some(100)),
            ("1.5", Some(150)),
            ("100000000.00", Some(10_000_000_000)),
            ("100000000.01", None),
            ("0.00", None),
            ("-1.00", None),
            ("+1.00", None),
            ("1.001", None),
            ("1.", None),
            (".5", None),
            ("1e2", None),
            ("", None),
        ] {
            assert_eq!(fen(text), fen_, "{text}");
        }
        assert_eq!(yuan(8888), "88.88");
        assert_eq!(yuan(5), "0.05");
    }

    #[test]
    fn durations() {
        for (text, ms) in [
            ("90m", Some(5_400_000)),
            ("2h", Some(7_200_000)),
            ("15d", Some(1_296_000_000)),
            ("0m", None),
            ("m", None),
            ("", None),
            ("5s", None),
            ("5分", None),
        ] {
            assert_eq!(express(text), ms, "{text}");
        }
    }

    #[test]
    fn slashes_are_escaped() {
        let node = Node::done().with("qr_code", "https://qr/x");
        assert_eq!(node.text(), r#"{"code":"10000","msg":"Success","qr_code":"https:\/\/qr\/x"}"#);
        assert_eq!(
            unsigned_answer(&node_name("alipay.trade.query"), &Node::coded("1", "x")),
            r#"{"alipay_trade_query_response":{"code":"1","msg":"x"}}"#
        );
    }
}
