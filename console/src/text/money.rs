//! Money as people read it: grouped digits, exactly the currency's decimals.

use sluice_core::money::{Amount, Currency};
use sluice_proto::v1 as pb;

/// `12,345.67`, without the currency; empty where there is none.
pub fn digits(money: Option<&pb::Money>) -> String {
    money.map_or_else(String::new, |m| minor_digits(m.minor, &m.currency))
}

/// `12,345.67 CNY`; empty where there is none.
pub fn full(money: Option<&pb::Money>) -> String {
    money.map_or_else(String::new, |m| format!("{} {}", minor_digits(m.minor, &m.currency), m.currency))
}

/// `12,345.67` from minor units. An unknown currency's minor units stay as they are.
pub fn minor_digits(minor: i64, currency: &str) -> String {
    match currency.parse::<Currency>() {
        Ok(currency) => group(&Amount::new(minor, currency).to_decimal()),
        Err(_) => group(&minor.to_string()),
    }
}

/// What a balance gained or lost: `+12.00`, `-12.00`, with the currency's decimals.
pub fn gain(minor: i64, currency: &str) -> String {
    let sign = if minor > 0 { "+" } else { "" };
    format!("{sign}{}", minor_digits(minor, currency))
}

/// A posting in two columns, debit and credit, one of them empty.
pub fn sides(debit_minor: i64, currency: &str) -> (String, String) {
    let digits = |minor| minor_digits(minor, currency);
    if debit_minor < 0 {
        (String::new(), digits(debit_minor.saturating_neg()))
    } else {
        (digits(debit_minor), String::new())
    }
}

/// A count with its thousands apart: `1,204`.
pub fn count(n: u64) -> String {
    group(&n.to_string())
}

fn group(decimal: &str) -> String {
    let (sign, rest) = decimal.strip_prefix('-').map_or(("", decimal), |rest| ("-", rest));
    let (whole, part) = rest.split_once('.').map_or((rest, None), |(w, p)| (w, Some(p)));
    let mut out = String::from(sign);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(part) = part {
        out.push('.');
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grouped_and_exact() {
        for (minor, currency, want) in [
            (0, "CNY", "0.00"),
            (8888, "CNY", "88.88"),
            (123_456_789, "CNY", "1,234,567.89"),
            (-100_000, "CNY", "-1,000.00"),
            (1234, "JPY", "1,234"),
            (1234, "KWD", "1.234"),
            (12_345, "???", "12,345"),
        ] {
            assert_eq!(minor_digits(minor, currency), want);
        }
        assert_eq!(count(1_204), "1,204");
        assert_eq!([gain(5, "CNY"), gain(-5, "CNY"), gain(0, "CNY")], ["+0.05", "-0.05", "0.00"]);
        assert_eq!(sides(5, "CNY"), ("0.05".to_owned(), String::new()));
        assert_eq!(sides(-5, "CNY"), (String::new(), "0.05".to_owned()));
    }
}
