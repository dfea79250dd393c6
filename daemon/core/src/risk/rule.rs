//! The rules by name.

use std::fmt;

/// A rule that can refuse a new order. Its name is its key in the document, and what merchants read in `risk_refused`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The source address is in none of the networks.
    Networks,
    /// Callbacks would go to a host that is not allowed.
    NotifyHosts,
    /// Less than the least amount.
    Min,
    /// More than the greatest amount.
    Max,
    /// The user was opened too short a time ago.
    NewUserCooling,
    /// The payee is not on the list, or not for long enough.
    PayeeAllowList,
    /// The user's orders of the day.
    UserDailyCount,
    /// The user's amount of the day.
    UserDailyAmount,
    /// The app's amount of the day.
    AppDailyAmount,
}

impl Rule {
    /// Every rule, in the order in which they are judged.
    pub const ALL: [Self; 9] = [
        Self::Networks,
        Self::NotifyHosts,
        Self::Min,
        Self::Max,
        Self::NewUserCooling,
        Self::PayeeAllowList,
        Self::UserDailyCount,
        Self::UserDailyAmount,
        Self::AppDailyAmount,
    ];

    /// As in the document and in refusals.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Networks => "networks",
            Self::NotifyHosts => "notify_hosts",
            Self::Min => "min",
            Self::Max => "max",
            Self::NewUserCooling => "new_user_cooling",
            Self::PayeeAllowList => "payee_allow_list",
            Self::UserDailyCount => "user_daily_count",
            Self::UserDailyAmount => "user_daily_amount",
            Self::AppDailyAmount => "app_daily_amount",
        }
    }

    /// What a refusal by it means, for the merchant.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Networks => "the request comes from an address outside the app's networks",
            Self::NotifyHosts => "callbacks may not go to this host",
            Self::Min => "the amount is below the least that is allowed",
            Self::Max => "the amount is above the greatest that is allowed",
            Self::NewUserCooling => "the user is too new",
            Self::PayeeAllowList => "the payee is not on the app's list, or its waiting time is not over",
            Self::UserDailyCount => "the user has as many orders today as are allowed",
            Self::UserDailyAmount => "the user's amount of today would be above what is allowed",
            Self::AppDailyAmount => "the app's amount of today would be above what is allowed",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name(), self.meaning())
    }
}

impl std::error::Error for Rule {}
