//! An app's rules as one document. What it leaves out is not limited.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::bucket::Rate;
use super::host_pattern::HostPattern;
use super::network::Network;
use crate::json::parse_strict;
use crate::money::{Currency, MAX_MINOR};
use crate::signing::OrderType;

/// Minor units by currency. A currency that is not named is not limited by the rule.
pub type PerCurrency = BTreeMap<Currency, i64>;

/// The largest limit of a day, in minor units: far below `i64::MAX`, so that limits and amounts can be subtracted.
const MAX_DAILY: i64 = 1_000_000 * MAX_MINOR;

/// The longest list in a document.
const MAX_LISTED: usize = 200;

/// The longest time in a document; longer ones are slips.
const MAX_WAIT: Duration = Duration::from_secs(366 * 86_400);

/// Where a list would be taken for an object, its values by their places.
const OBJECTS: [&str; 6] = ["", "/recharge", "/withdraw", "/trade", "/rate", "/withdraw/payee_allow_list"];

/// The risk rules of one app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// 充值
    #[serde(skip_serializing_if = "TypeRules::is_off")]
    pub recharge: TypeRules,
    /// 提现
    #[serde(skip_serializing_if = "TypeRules::is_off")]
    pub withdraw: TypeRules,
    /// 交易
    #[serde(skip_serializing_if = "TypeRules::is_off")]
    pub trade: TypeRules,
    /// How fast the app may ask, instead of the configured rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
}

/// The rules for one type of orders. `Default`: none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TypeRules {
    /// The least amount of an order.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub min: PerCurrency,
    /// The greatest amount of an order.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub max: PerCurrency,
    /// What one user's orders of a day may add up to.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub user_daily_amount: PerCurrency,
    /// How many orders one user may have in a day, of all currencies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_daily_count: Option<u32>,
    /// What all orders of the app may add up to in a day.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub app_daily_amount: PerCurrency,
    /// How long ago a user must have been opened, by the first order that named it.
    #[serde(skip_serializing_if = "Option::is_none", with = "humantime_serde")]
    pub new_user_cooling: Option<Duration>,
    /// The hosts that callbacks may go to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_hosts: Option<Vec<HostPattern>>,
    /// The networks that requests may come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub networks: Option<Vec<Network>>,
    /// Payouts go to listed payees only. Of withdrawals alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payee_allow_list: Option<PayeeAllowList>,
}

/// The rule that payouts go to listed payees only; the list itself is kept beside the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayeeAllowList {
    /// How long a payee must have been on the list: time to notice one that was slipped in.
    #[serde(with = "humantime_serde")]
    pub wait: Duration,
}

/// What is wrong with a document, for the operator who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidRules(String);

impl Rules {
    /// Reads a document and checks that it can be meant.
    ///
    /// # Errors
    /// Names the key: one that is unknown or doubled, a value of the wrong form, a minimum above its maximum, an empty
    /// list.
    pub fn from_json(document: &str) -> Result<Self, InvalidRules> {
        let value = parse_strict(document.as_bytes()).map_err(InvalidRules)?;
        for part in OBJECTS {
            if value.pointer(part).is_some_and(|v| !v.is_object()) {
                return Err(InvalidRules(format!(
                    "{}: not an object",
                    if part.is_empty() { "/" } else { part }
                )));
            }
        }
        let rules: Self = serde_json::from_value(value).map_err(|e| InvalidRules(e.to_string()))?;
        for order_type in OrderType::ALL {
            let of_type = rules.of(order_type);
            of_type.check().map_err(|why| InvalidRules(format!("{order_type}.{why}")))?;
            if of_type.payee_allow_list.is_some() && order_type != OrderType::Withdraw {
                return Err(InvalidRules(format!(
                    "{order_type}.payee_allow_list: only withdrawals have payees"
                )));
            }
        }
        Ok(rules)
    }

    /// The document, without what is off.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!(self)
    }

    /// The rules for one type.
    pub const fn of(&self, order_type: OrderType) -> &TypeRules {
        match order_type {
            OrderType::Recharge => &self.recharge,
            OrderType::Withdraw => &self.withdraw,
            OrderType::Trade => &self.trade,
        }
    }
}

impl TypeRules {
    /// Whether it limits nothing.
    pub fn is_off(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a user's orders of the day have to be counted.
    pub fn counts_users(&self) -> bool {
        self.user_daily_count.is_some() || !self.user_daily_amount.is_empty()
    }

    /// Whether the app's orders of the day have to be counted.
    pub fn counts_app(&self) -> bool {
        !self.app_daily_amount.is_empty()
    }

    fn check(&self) -> Result<(), String> {
        for (rule, amounts, most) in [
            ("min", &self.min, MAX_MINOR),
            ("max", &self.max, MAX_MINOR),
            ("user_daily_amount", &self.user_daily_amount, MAX_DAILY),
            ("app_daily_amount", &self.app_daily_amount, MAX_DAILY),
        ] {
            for (currency, minor) in amounts {
                if !(0..=most).contains(minor) {
                    return Err(format!("{rule}.{currency}: not within 0 to {most} minor units"));
                }
            }
        }
        for (currency, min) in &self.min {
            if self.max.get(currency).is_some_and(|max| max < min) {
                return Err(format!("max.{currency}: below min"));
            }
        }
        for (rule, listed) in [
            ("notify_hosts", self.notify_hosts.as_ref().map(Vec::len)),
            ("networks", self.networks.as_ref().map(Vec::len)),
        ] {
            match listed {
                Some(0) => return Err(format!("{rule}: empty; leave it out to switch the rule off")),
                Some(n) if n > MAX_LISTED => return Err(format!("{rule}: more than {MAX_LISTED}")),
                _ => {}
            }
        }
        if self.new_user_cooling.is_some_and(|cooling| cooling.is_zero()) {
            return Err("new_user_cooling: no time; leave it out to switch the rule off".to_owned());
        }
        for (rule, time) in [
            ("new_user_cooling", self.new_user_cooling),
            ("payee_allow_list.wait", self.payee_allow_list.map(|list| list.wait)),
        ] {
            if time.is_some_and(|time| time > MAX_WAIT) {
                return Err(format!("{rule}: longer than 366 days"));
            }
        }
        Ok(())
    }
}
