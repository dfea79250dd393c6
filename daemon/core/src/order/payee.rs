//! Who is paid out to.

use serde::{Deserialize, Serialize};

/// A payee of a withdrawal, as the merchant named it. Personal data: shown masked, never logged.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Payee {
    /// An Alipay account: a user id (2088…, 16 digits) or a login name.
    Alipay {
        /// The account.
        account: String,
        /// The holder's name, which Alipay compares.
        name: String,
    },
    /// A bank account.
    Bank {
        /// The account's number.
        account: String,
        /// The holder's name.
        name: String,
        /// The bank.
        bank: String,
    },
    /// A WeChat user.
    Wechat {
        /// The user's id within our WeChat app.
        openid: String,
        /// The holder's name, where it is to be compared.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
}

/// The kinds of payees, for a channel's capabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PayeeKind {
    /// [`Payee::Alipay`].
    Alipay,
    /// [`Payee::Bank`].
    Bank,
    /// [`Payee::Wechat`].
    Wechat,
}

impl PayeeKind {
    /// As in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alipay => "alipay",
            Self::Bank => "bank",
            Self::Wechat => "wechat",
        }
    }
}

impl Payee {
    /// Its kind.
    pub const fn kind(&self) -> PayeeKind {
        match self {
            Self::Alipay { .. } => PayeeKind::Alipay,
            Self::Bank { .. } => PayeeKind::Bank,
            Self::Wechat { .. } => PayeeKind::Wechat,
        }
    }

    /// What names the account: with the kind, what an allow-list compares.
    pub fn account(&self) -> &str {
        match self {
            Self::Alipay { account, .. } | Self::Bank { account, .. } => account,
            Self::Wechat { openid, .. } => openid,
        }
    }

    /// For people: the kind, and the account with its middle hidden.
    pub fn masked(&self) -> String {
        let account: Vec<char> = self.account().chars().collect();
        let shown = if account.len() < 8 { 1 } else { 3 };
        let head: String = account.iter().take(shown).collect();
        let tail: String = account.iter().skip(account.len().saturating_sub(shown).max(shown)).collect();
        format!("{} {head}***{tail}", self.kind().name())
    }
}

/// Masked: a debug line must not show personal data.
impl std::fmt::Debug for Payee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payee_is_shown_masked() {
        let bank = |account: &str| Payee::Bank {
            account: account.to_owned(),
            name: "张三".to_owned(),
            bank: "ICBC".to_owned(),
        };
        for (account, shown) in [
            ("6222021234567890", "bank 622***890"),
            ("12345", "bank 1***5"),
            ("1", "bank 1***"),
            ("", "bank ***"),
        ] {
            assert_eq!(bank(account).masked(), shown);
            assert_eq!(format!("{:?}", bank(account)), shown);
        }
    }
}
