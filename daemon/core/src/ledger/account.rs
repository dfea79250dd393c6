//! The chart of accounts.

use std::fmt;

/// On which side an account's balance normally stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Assets and costs: what channels hold for us, what they charge, what apps owe us.
    Debit,
    /// What we owe and earn.
    Credit,
}

impl Side {
    /// As in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Debit => "debit",
            Self::Credit => "credit",
        }
    }
}

/// An account of the chart, in some currency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// What a user can spend.
    UserAvailable {
        /// The app.
        client_id: String,
        /// Its user.
        user_ref: String,
    },
    /// What is held for a user's open withdrawals, trades and refunds.
    UserHeld {
        /// The app.
        client_id: String,
        /// Its user.
        user_ref: String,
    },
    /// What an app has earned and not yet taken out.
    AppSettlement {
        /// The app.
        client_id: String,
    },
    /// What is held of an app's earnings for open refunds.
    AppHeld {
        /// The app.
        client_id: String,
    },
    /// Fees that an app bears itself, and has not paid us yet.
    AppFeesDue {
        /// The app.
        client_id: String,
    },
    /// What a channel has taken from payers and not yet paid out to us.
    ChannelClearing {
        /// The channel's account name.
        channel: String,
    },
    /// What a channel charges us.
    ChannelFee {
        /// The channel's account name.
        channel: String,
    },
    /// Our fees.
    ServiceFee,
    /// Money that belongs to nobody yet: wrong amounts, second payments, payments of orders that the merchant closed.
    Suspense,
}

impl Account {
    /// Reads the database's name. A user's own name may hold colons: the first part is the app, the last one says
    /// which of the user's accounts it is.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "fee:service" => return Some(Self::ServiceFee),
            "suspense" => return Some(Self::Suspense),
            _ => {}
        }
        let (whose, rest) = name.split_once(':')?;
        let (owner, last) = rest.rsplit_once(':')?;
        let owned = || owner.to_owned();
        Some(match (whose, last) {
            ("user", "available" | "held") => {
                let (client_id, user_ref) = owner.split_once(':')?;
                let (client_id, user_ref) = (client_id.to_owned(), user_ref.to_owned());
                match last {
                    "available" => Self::UserAvailable { client_id, user_ref },
                    _ => Self::UserHeld { client_id, user_ref },
                }
            }
            ("app", "settlement") => Self::AppSettlement { client_id: owned() },
            ("app", "held") => Self::AppHeld { client_id: owned() },
            ("app", "fees_due") => Self::AppFeesDue { client_id: owned() },
            ("channel", "clearing") => Self::ChannelClearing { channel: owned() },
            ("channel", "fee") => Self::ChannelFee { channel: owned() },
            _ => return None,
        })
    }

    /// The account's normal side.
    pub const fn side(&self) -> Side {
        match self {
            Self::ChannelClearing { .. } | Self::ChannelFee { .. } | Self::AppFeesDue { .. } => Side::Debit,
            _ => Side::Credit,
        }
    }

    /// Whether its balance may never be negative.
    pub const fn is_guarded(&self) -> bool {
        matches!(
            self,
            Self::UserAvailable { .. }
                | Self::UserHeld { .. }
                | Self::AppSettlement { .. }
                | Self::AppHeld { .. }
        )
    }

    /// In a sentence, for the documents.
    pub const fn meaning(&self) -> &'static str {
        match self {
            Self::UserAvailable { .. } => "what a user can spend",
            Self::UserHeld { .. } => "what is held for a user's open withdrawals, trades and refunds",
            Self::AppSettlement { .. } => "what an app has earned and not yet taken out",
            Self::AppHeld { .. } => "what is held of an app's earnings for open refunds",
            Self::AppFeesDue { .. } => "fees that an app bears itself and has not paid us yet",
            Self::ChannelClearing { .. } => "what a channel has taken from payers and not yet paid out to us",
            Self::ChannelFee { .. } => "what a channel charges us",
            Self::ServiceFee => "our fees",
            Self::Suspense => "money that belongs to nobody yet, and waits for a decision",
        }
    }
}

/// The account's name in the database and on screen, such as `user:app_1:u1:available`.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UserAvailable { client_id, user_ref } => write!(f, "user:{client_id}:{user_ref}:available"),
            Self::UserHeld { client_id, user_ref } => write!(f, "user:{client_id}:{user_ref}:held"),
            Self::AppSettlement { client_id } => write!(f, "app:{client_id}:settlement"),
            Self::AppHeld { client_id } => write!(f, "app:{client_id}:held"),
            Self::AppFeesDue { client_id } => write!(f, "app:{client_id}:fees_due"),
            Self::ChannelClearing { channel } => write!(f, "channel:{channel}:clearing"),
            Self::ChannelFee { channel } => write!(f, "channel:{channel}:fee"),
            Self::ServiceFee => f.write_str("fee:service"),
            Self::Suspense => f.write_str("suspense"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in [
            "user:app_1:u1:available",
            "user:app_1:a:b:held",
            "user:app_1:held:available",
            "app:app_1:settlement",
            "app:app_1:held",
            "app:app_1:fees_due",
            "channel:alipay:clearing",
            "channel:alipay:fee",
            "fee:service",
            "suspense",
        ] {
            let read = Account::from_name(name);
            assert_eq!(read.map(|account| account.to_string()).as_deref(), Some(name));
        }
        for other in
            ["", "suspense:", "user:app_1:available", "app:app_1:available", "bank:x:held", "fee:fee"]
        {
            assert_eq!(Account::from_name(other), None, "{other}");
        }
    }
}
