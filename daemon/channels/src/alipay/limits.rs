//! What Alipay takes: its numbers, amounts and texts. What does not fit is never written.

use sluice_core::money::{Amount, Currency};

use crate::protocol::EncodeError;

/// One fen.
pub(super) const MIN_PAYMENT: i64 = 1;
/// 0.1 yuan, in fen.
pub(super) const MIN_PAYOUT: i64 = 10;
/// 100 000 000 yuan, in fen.
const MAX_MINOR: i64 = 10_000_000_000;

/// A field that Alipay does not take.
pub(super) fn refuse(field: &'static str, reason: &str) -> EncodeError {
    EncodeError::Field { field, reason: reason.to_owned() }
}

/// A number of ours: at most 64 letters, digits and `_`.
pub(super) fn number(field: &'static str, number: &str) -> Result<(), EncodeError> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if (1..=64).contains(&number.len()) && number.bytes().all(fits) {
        return Ok(());
    }
    Err(refuse(field, "Alipay takes 1 to 64 letters, digits and _"))
}

/// Renminbi from `min` fen to 100 000 000 yuan.
pub(super) fn amount(amount: Amount, min: i64) -> Result<(), EncodeError> {
    if amount.currency != Currency::CNY {
        return Err(refuse("amount.currency", "Alipay takes CNY only"));
    }
    if (min..=MAX_MINOR).contains(&amount.minor) {
        return Ok(());
    }
    let least = Amount::new(min, Currency::CNY).to_decimal();
    Err(refuse("amount.minor", &format!("Alipay takes {least} to 100000000 yuan")))
}

/// A text of at most `max` characters that says something.
pub(super) fn text(field: &'static str, text: &str, max: usize) -> Result<(), EncodeError> {
    if text.trim().is_empty() || text.chars().count() > max {
        return Err(refuse(field, &format!("Alipay takes 1 to {max} characters")));
    }
    Ok(())
}
