//! Version 1 of the signing scheme, written from the public document: the text, the binding, the order types.

use aws_lc_rs::{digest, hmac};
use serde::{Deserialize, Serialize};
use std::fmt;

use crate::secret::Secret;

/// What an order is; it picks the access password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderType {
    /// 充值
    Recharge,
    /// 提现
    Withdraw,
    /// 交易
    Trade,
}

impl OrderType {
    /// All types.
    pub const ALL: [OrderType; 3] = [OrderType::Recharge, OrderType::Withdraw, OrderType::Trade];

    /// The word in signed texts and headers.
    pub fn word(self) -> &'static str {
        match self {
            OrderType::Recharge => "recharge",
            OrderType::Withdraw => "withdraw",
            OrderType::Trade => "trade",
        }
    }

    /// The type of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order_type| order_type.word() == word)
    }

    /// The type of a target: a function of its path alone.
    pub fn of_target(target: &str) -> Option<Self> {
        let path = target.split(['?', '#']).next().unwrap_or_default();
        let mut segments = path.strip_prefix("/v1/")?.split('/');
        match segments.next()? {
            "recharges" => Some(OrderType::Recharge),
            "withdrawals" => Some(OrderType::Withdraw),
            "trades" | "balances" | "statements" => Some(OrderType::Trade),
            "access-passwords" => Self::of_word(segments.next()?),
            _ => None,
        }
    }
}

impl fmt::Display for OrderType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// An app's three access passwords.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Passwords {
    /// For recharges.
    pub recharge: Secret,
    /// For withdrawals.
    pub withdraw: Secret,
    /// For trades, balances and statements.
    pub trade: Secret,
}

impl Passwords {
    /// The password of a type.
    pub fn of(&self, order_type: OrderType) -> &Secret {
        match order_type {
            OrderType::Recharge => &self.recharge,
            OrderType::Withdraw => &self.withdraw,
            OrderType::Trade => &self.trade,
        }
    }

    /// Replaces the password of a type.
    pub fn set(&mut self, order_type: OrderType, password: Secret) {
        match order_type {
            OrderType::Recharge => self.recharge = password,
            OrderType::Withdraw => self.withdraw = password,
            OrderType::Trade => self.trade = password,
        }
    }
}

/// Lower-case hex of the SHA-256 of `bytes`.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}

/// The text of `lines`, each ended by one line feed.
pub fn text(lines: &[&str]) -> String {
    let mut text = String::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// What is signed: the text of `lines`, and its binding to the access password as one more line.
pub fn signed_bytes(lines: &[&str], password: &Secret) -> Vec<u8> {
    let mut text = text(lines);
    let key = hmac::Key::new(hmac::HMAC_SHA256, password.expose().as_bytes());
    let binding = hex::encode(hmac::sign(&key, text.as_bytes()));
    text.push_str(&binding);
    text.push('\n');
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with Python's hashlib and hmac from the document:
    /// `t = "".join(l + "\n" for l in lines); t + hmac.new(b"spw_test", t.encode(), "sha256").hexdigest() + "\n"`
    #[test]
    fn signed_bytes_agree_with_python() {
        let body = sha256_hex(b"{\"a\":1}");
        assert_eq!(body, "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862");
        let lines = [
            "sluice-v1",
            "request",
            "app_1",
            "key_1",
            "recharge",
            "POST",
            "/v1/recharges?a=%E5%85%85",
            "1795484459",
            "0123456789abcdef",
            &body,
        ];
        let bytes = signed_bytes(&lines, &Secret::from("spw_test"));
        let expected = "sluice-v1\nrequest\napp_1\nkey_1\nrecharge\nPOST\n/v1/recharges?a=%E5%85%85\n1795484459\n\
                        0123456789abcdef\n015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862\n\
                        b71d07c31d0001623f4ba87b5b6122e84ef0a2d5cdb60a784c1d95657f96a70f\n";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    #[test]
    fn the_path_picks_the_type() {
        for (target, order_type) in [
            ("/v1/recharges", Some(OrderType::Recharge)),
            ("/v1/recharges/rch_1/close", Some(OrderType::Recharge)),
            ("/v1/recharges?merchant_order_no=/v1/trades", Some(OrderType::Recharge)),
            ("/v1/withdrawals/wdr_1/cancel", Some(OrderType::Withdraw)),
            ("/v1/trades", Some(OrderType::Trade)),
            ("/v1/balances?user_ref=u", Some(OrderType::Trade)),
            ("/v1/statements", Some(OrderType::Trade)),
            ("/v1/access-passwords/withdraw", Some(OrderType::Withdraw)),
            ("/v1/access-passwords/all", None),
            ("/v1/token", None),
            ("/v2/recharges", None),
            ("/v1/rechargesx", None),
        ] {
            assert_eq!(OrderType::of_target(target), order_type, "{target}");
        }
    }
}
