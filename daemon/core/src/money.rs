//! Money: integers of minor units with a currency. No floats, no arithmetic across currencies.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The largest amount of one order, in minor units. Far below `i64::MAX`, so that sums cannot overflow.
pub const MAX_MINOR: i64 = 1_000_000_000_000;

/// An ISO 4217 currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// Renminbi.
    pub const CNY: Self = Self(iso_currency::Currency::CNY);

    /// The three-letter code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Digits after the decimal point, 0 to 4 (ISO 4217 exponent).
    pub fn exponent(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }
}

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(code: &str) -> Result<Self, MoneyError> {
        iso_currency::Currency::from_code(code)
            .filter(|c| c.exponent().is_some())
            .map(Self)
            .ok_or(MoneyError::UnknownCurrency)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.code().cmp(other.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An integer of minor units and its currency, such as 8888 CNY = 88.88 yuan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// Minor units (fen for CNY).
    pub minor: i64,
    /// ISO 4217 currency.
    pub currency: Currency,
}

impl Amount {
    /// An amount of `minor` units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in this currency.
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// The decimal text that providers want: `88.88`, with exactly the currency's digits.
    pub fn to_decimal(self) -> String {
        let digits = self.currency.exponent() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let all = self.minor.unsigned_abs().to_string();
        if digits == 0 {
            return format!("{sign}{all}");
        }
        let padded = format!("{all:0>width$}", width = digits + 1);
        let (whole, part) = padded.split_at(padded.len() - digits);
        format!("{sign}{whole}.{part}")
    }

    /// Reads a provider's decimal text (`88.88`, `88.8`, `88`) as an exact amount; never through a float.
    ///
    /// # Errors
    /// Anything but digits with at most the currency's decimals, or too large a number.
    pub fn from_decimal(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let digits = currency.exponent() as usize;
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let plain = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !plain(whole) || !plain(part) || part.len() > digits {
            return Err(MoneyError::NotDecimal);
        }
        if text.ends_with('.') {
            return Err(MoneyError::NotDecimal);
        }
        let minor: i64 = format!("{whole}{part:0<digits$}").parse().map_err(|_| MoneyError::TooLarge)?;
        if minor > MAX_MINOR {
            return Err(MoneyError::TooLarge);
        }
        Ok(Self { minor, currency })
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}

/// Why a text is no money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not an ISO 4217 code with minor units.
    #[error("unknown currency")]
    UnknownCurrency,
    /// Not plain decimal digits.
    #[error("not a decimal amount")]
    NotDecimal,
    /// Above [`MAX_MINOR`].
    #[error("amount too large")]
    TooLarge,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimal_texts() {
        let jpy: Currency = "JPY".parse().unwrap();
        for (text, currency, want) in [
            ("88.88", Currency::CNY, Ok(8888)),
            ("0.01", Currency::CNY, Ok(1)),
            ("88.8", Currency::CNY, Ok(8880)),
            ("88", Currency::CNY, Ok(8800)),
            ("88", jpy, Ok(88)),
            ("88.", Currency::CNY, Err(MoneyError::NotDecimal)),
            (".88", Currency::CNY, Err(MoneyError::NotDecimal)),
            ("88.888", Currency::CNY, Err(MoneyError::NotDecimal)),
            ("-1", Currency::CNY, Err(MoneyError::NotDecimal)),
            ("1e3", Currency::CNY, Err(MoneyError::NotDecimal)),
            ("８", Currency::CNY, Err(MoneyError::NotDecimal)),
            ("", Currency::CNY, Err(MoneyError::NotDecimal)),
            ("99999999999999999999", Currency::CNY, Err(MoneyError::TooLarge)),
        ] {
            assert_eq!(Amount::from_decimal(text, currency).map(|a| a.minor), want, "{text}");
        }
    }

    #[test]
    fn currencies_are_iso_4217_only() {
        for bad in ["", "cny", "RMB", "XXX1", "ZZZ"] {
            assert!(bad.parse::<Currency>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn decimal_text_is_exact(minor in 0..=MAX_MINOR, code in prop::sample::select(vec!["CNY", "JPY", "KWD", "USD"])) {
            let amount = Amount::new(minor, code.parse().unwrap());
            prop_assert_eq!(Amount::from_decimal(&amount.to_decimal(), amount.currency), Ok(amount));
        }
    }
}
