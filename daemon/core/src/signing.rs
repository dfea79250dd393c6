//! The signing scheme, version 1: the text that is bound to a password and then signed by RSA.
//!
//! One scheme for requests, responses and callbacks. This module builds the exact bytes; the signature itself
//! (RSASSA-PKCS1-v1_5 with SHA-256) is made and checked at the edge.

use crate::id::OrderKind;
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// How far a request's timestamp may be from our clock, in seconds, either way.
pub const TIMESTAMP_WINDOW_SECS: i64 = 300;

/// How long after its timestamp a nonce is remembered, in seconds: the window and a margin.
pub const NONCE_KEPT_SECS: i64 = TIMESTAMP_WINDOW_SECS + 30;

/// Which access password takes part in a signature. A function of the path alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OrderType {
    /// 充值
    Recharge,
    /// 提现
    Withdraw,
    /// 交易
    Trade,
}

impl OrderType {
    /// Every type.
    pub const ALL: [Self; 3] = [Self::Recharge, Self::Withdraw, Self::Trade];

    /// As in the signed text and the `Sluice-Type` header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recharge => "recharge",
            Self::Withdraw => "withdraw",
            Self::Trade => "trade",
        }
    }

    /// Reads the word of the API.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }

    /// The type of an order's kind; a refund has that of the order that it refunds.
    pub const fn of_kind(kind: OrderKind) -> Option<Self> {
        match kind {
            OrderKind::Recharge => Some(Self::Recharge),
            OrderKind::Withdraw => Some(Self::Withdraw),
            OrderKind::Trade => Some(Self::Trade),
            OrderKind::Refund => None,
        }
    }

    /// The type of a signed path (without its query); `None` where nothing is signed.
    pub fn of_path(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("/v1/")?;
        let (first, more) = rest.split_once('/').unwrap_or((rest, ""));
        match first {
            "recharges" => Some(Self::Recharge),
            "withdrawals" => Some(Self::Withdraw),
            "trades" | "balances" | "statements" => Some(Self::Trade),
            "access-passwords" => Self::from_name(more),
            _ => None,
        }
    }
}

impl fmt::Display for OrderType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Lower-case hex of SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// What a request's signature covers.
#[derive(Clone, Copy, Debug)]
pub struct RequestText<'a> {
    /// The app.
    pub client_id: &'a str,
    /// The merchant's key id.
    pub key_id: &'a str,
    /// By the path.
    pub order_type: OrderType,
    /// Upper case.
    pub method: &'a str,
    /// Path and query as sent.
    pub target: &'a str,
    /// Unix seconds as sent.
    pub timestamp: &'a str,
    /// As sent.
    pub nonce: &'a str,
    /// The raw body.
    pub body: &'a [u8],
}

impl RequestText<'_> {
    /// The bytes that are signed.
    pub fn signed_bytes(&self, password: &str) -> Vec<u8> {
        bind(
            [
                "sluice-v1",
                "request",
                self.client_id,
                self.key_id,
                self.order_type.name(),
                self.method,
                self.target,
                self.timestamp,
                self.nonce,
                &sha256_hex(self.body),
            ],
            password,
        )
    }
}

/// What a response's signature covers.
#[derive(Clone, Copy, Debug)]
pub struct ResponseText<'a> {
    /// The app.
    pub client_id: &'a str,
    /// The wallet's key id.
    pub key_id: &'a str,
    /// That of the request.
    pub order_type: OrderType,
    /// HTTP status, three digits.
    pub status: u16,
    /// The request's nonce.
    pub nonce: &'a str,
    /// Unix seconds.
    pub timestamp: &'a str,
    /// [`sha256_hex`] of the request's signed bytes.
    pub request_digest: &'a str,
    /// The raw body.
    pub body: &'a [u8],
}

impl ResponseText<'_> {
    /// The bytes that are signed.
    pub fn signed_bytes(&self, password: &str) -> Vec<u8> {
        bind(
            [
                "sluice-v1",
                "response",
                self.client_id,
                self.key_id,
                self.order_type.name(),
                &format!("{:03}", self.status),
                self.nonce,
                self.timestamp,
                self.request_digest,
                &sha256_hex(self.body),
            ],
            password,
        )
    }
}

/// What a callback's signature covers.
#[derive(Clone, Copy, Debug)]
pub struct CallbackText<'a> {
    /// The app.
    pub client_id: &'a str,
    /// The wallet's key id.
    pub key_id: &'a str,
    /// That of the order.
    pub order_type: OrderType,
    /// The callback's id.
    pub callback_id: &'a str,
    /// Unix seconds.
    pub timestamp: &'a str,
    /// Fresh for each sending.
    pub nonce: &'a str,
    /// The raw body.
    pub body: &'a [u8],
}

impl CallbackText<'_> {
    /// The bytes that are signed.
    pub fn signed_bytes(&self, password: &str) -> Vec<u8> {
        bind(
            [
                "sluice-v1",
                "callback",
                self.client_id,
                self.key_id,
                self.order_type.name(),
                self.callback_id,
                "POST",
                self.timestamp,
                self.nonce,
                &sha256_hex(self.body),
            ],
            password,
        )
    }
}

/// The text that a new wallet key's announcement carries a signature of, made by the key before it.
pub fn wallet_key_text(key_id: &str, not_before: &str, spki_der: &[u8]) -> String {
    format!("sluice-v1\nwallet-key\n{key_id}\n{not_before}\n{}\n", sha256_hex(spki_der))
}

/// The lines, each ended by one `\n`, then the line of the binding.
fn bind(lines: [&str; 10], password: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(lines.iter().map(|l| l.len() + 1).sum::<usize>() + 65);
    for line in lines {
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
    }
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(password.as_bytes()).expect("any key length");
    mac.update(&bytes);
    bytes.extend_from_slice(hex::encode(mac.finalize().into_bytes()).as_bytes());
    bytes.push(b'\n');
    bytes
}

/// Why a target (path and query) is refused before anything is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTarget {
    /// A character outside `A-Z a-z 0-9 _ . - /` in the path.
    #[error("the path holds a character outside A-Z a-z 0-9 _ . - /")]
    PathCharacter,
    /// `//` or a dot segment.
    #[error("the path holds an empty or dot segment")]
    PathSegment,
    /// Lower-case, broken or needless percent-encoding.
    #[error("the query is not in its canonical encoding")]
    QueryEncoding,
    /// A character that a query must escape.
    #[error("the query holds a character that must be escaped")]
    QueryCharacter,
    /// One name twice.
    #[error("the query names a parameter twice")]
    QueryNameTwice,
}

/// Checks a target that is about to be verified: one spelling for each meaning, so that the signed text and what
/// the handlers read cannot differ.
///
/// # Errors
/// Says which rule is broken.
pub fn check_target(target: &str) -> Result<(), BadTarget> {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    if !path.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-/".contains(&b)) {
        return Err(BadTarget::PathCharacter);
    }
    let segments = path.strip_prefix('/').ok_or(BadTarget::PathSegment)?;
    if segments.split('/').any(|s| matches!(s, "" | "." | "..")) {
        return Err(BadTarget::PathSegment);
    }
    query.map_or(Ok(()), check_query)
}

fn check_query(query: &str) -> Result<(), BadTarget> {
    let mut names: Vec<&str> = Vec::new();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').ok_or(BadTarget::QueryEncoding)?;
        if name.is_empty() || value.contains('=') {
            return Err(BadTarget::QueryEncoding);
        }
        check_escapes(name)?;
        check_escapes(value)?;
        if names.contains(&name) {
            return Err(BadTarget::QueryNameTwice);
        }
        names.push(name);
    }
    Ok(())
}

fn check_escapes(text: &str) -> Result<(), BadTarget> {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let upper_hex = |b: u8| b.is_ascii_digit() || (b'A'..=b'F').contains(&b);
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = match first {
            b'%' => {
                let [high, low, after @ ..] = after else { return Err(BadTarget::QueryEncoding) };
                if !upper_hex(*high) || !upper_hex(*low) {
                    return Err(BadTarget::QueryEncoding);
                }
                let hex = [*high, *low];
                let byte = std::str::from_utf8(&hex).ok().and_then(|h| u8::from_str_radix(h, 16).ok());
                let byte = byte.filter(|b| !unreserved(*b)).ok_or(BadTarget::QueryEncoding)?;
                decoded.push(byte);
                after
            }
            // What RFC 3986 allows bare in a query besides unreserved, less what HTML forms read otherwise (`+`).
            b if unreserved(b) || b"!$'()*,;:@/?".contains(&b) => {
                decoded.push(b);
                after
            }
            _ => return Err(BadTarget::QueryCharacter),
        };
    }
    // Bytes that are no UTF-8 would be read as some other text.
    std::str::from_utf8(&decoded).map(|_| ()).map_err(|_| BadTarget::QueryEncoding)
}

/// Whether a text is a nonce: 16 to 64 of `A-Z a-z 0-9 _ -`.
pub fn is_nonce(text: &str) -> bool {
    (16..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_text_is_ten_lines_and_the_binding() {
        let bytes = RequestText {
            client_id: "app_1",
            key_id: "k1",
            order_type: OrderType::Recharge,
            method: "POST",
            target: "/v1/recharges",
            timestamp: "1795560030",
            nonce: "0123456789abcdef",
            body: b"{}",
        }
        .signed_bytes("spw_secret");
        let text = String::from_utf8(bytes).unwrap();
        let lines: Vec<_> = text.split('\n').collect();
        assert_eq!(
            lines[..10],
            [
                "sluice-v1",
                "request",
                "app_1",
                "k1",
                "recharge",
                "POST",
                "/v1/recharges",
                "1795560030",
                "0123456789abcdef",
                "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
            ]
        );
        assert_eq!((lines[10].len(), lines[11], lines.len()), (64, "", 12));
    }

    #[test]
    fn targets() {
        use BadTarget::*;
        for (target, want) in [
            ("/v1/recharges", Ok(())),
            ("/v1/recharges?merchant_order_no=A_1-x", Ok(())),
            ("/v1/recharges?from=2026-11-24T00:00:00.000Z&limit=10", Ok(())),
            ("/v1/recharges?user_ref=%E5%BC%A0", Ok(())),
            ("/v1/recharges?cursor=", Ok(())),
            ("/v1//recharges", Err(PathSegment)),
            ("/v1/recharges/", Err(PathSegment)),
            ("/v1/./recharges", Err(PathSegment)),
            ("/v1/../recharges", Err(PathSegment)),
            ("v1/recharges", Err(PathSegment)),
            ("/v1/%72echarges", Err(PathCharacter)),
            ("/v1/recharges;a", Err(PathCharacter)),
            ("/v1/recharges?a=%e5", Err(QueryEncoding)),
            ("/v1/recharges?a=%41", Err(QueryEncoding)),
            ("/v1/recharges?a=%4", Err(QueryEncoding)),
            ("/v1/recharges?a=%", Err(QueryEncoding)),
            ("/v1/recharges?a=%FF", Err(QueryEncoding)),
            ("/v1/recharges?a=%C0%AF", Err(QueryEncoding)),
            ("/v1/recharges?a=+", Err(QueryCharacter)),
            ("/v1/recharges?a=\"", Err(QueryCharacter)),
            ("/v1/recharges?a=1&a=2", Err(QueryNameTwice)),
            ("/v1/recharges?a", Err(QueryEncoding)),
            ("/v1/recharges?", Err(QueryEncoding)),
            ("/v1/recharges?=1", Err(QueryEncoding)),
        ] {
            assert_eq!(check_target(target), want, "{target}");
        }
    }

    #[test]
    fn the_order_type_is_a_function_of_the_path() {
        use OrderType::*;
        for (path, want) in [
            ("/v1/recharges", Some(Recharge)),
            ("/v1/recharges/rch_1/refunds/rfd_1", Some(Recharge)),
            ("/v1/withdrawals", Some(Withdraw)),
            ("/v1/trades/trd_1/capture", Some(Trade)),
            ("/v1/balances", Some(Trade)),
            ("/v1/statements", Some(Trade)),
            ("/v1/access-passwords/withdraw", Some(Withdraw)),
            ("/v1/access-passwords/refund", None),
            ("/v1/access-passwords", None),
            ("/v1/rechargesx", None),
            ("/v1/token", None),
            ("/v2/recharges", None),
        ] {
            assert_eq!(OrderType::of_path(path), want, "{path}");
        }
    }

    proptest! {
        #[test]
        fn checking_a_target_never_panics(target in "\\PC{0,60}") {
            let _ = check_target(&target);
        }

        #[test]
        fn another_password_or_field_gives_other_bytes(a in "[!-~]{24,40}", b in "[!-~]{24,40}", nonce in "[a-z]{16}") {
            prop_assume!(a != b);
            let text = |nonce| RequestText {
                client_id: "app", key_id: "k", order_type: OrderType::Trade, method: "GET",
                target: "/v1/trades", timestamp: "1", nonce, body: b"",
            };
            prop_assert_ne!(text(&nonce).signed_bytes(&a), text(&nonce).signed_bytes(&b));
            prop_assert_ne!(text(&nonce).signed_bytes(&a), text("another_nonce_00").signed_bytes(&a));
        }
    }
}
