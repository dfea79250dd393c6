//! Whether one operator's word suffices.

use sluice_core::money::Amount;

use crate::config::DeskConfig;
use crate::store::desk::Proposed;

/// What an operator's word leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// It is carried out: by this operator alone, or as the second after `first`.
    CarryOut { first: Option<&'a Proposed> },
    /// It waits for the same from another operator, in the place of whatever waited.
    Wait,
}

/// The step that follows from who says what, and what waits already.
pub(super) fn step<'a>(two: bool, waiting: Option<&'a Proposed>, by: &str, decision: &str) -> Step<'a> {
    match waiting {
        Some(first) if first.by != by && first.decision == decision => Step::CarryOut { first: Some(first) },
        _ if two => Step::Wait,
        _ => Step::CarryOut { first: None },
    }
}

/// Whether two operators have to decide the same on so much in suspense.
pub(crate) fn needed(config: &DeskConfig, amount: Amount) -> bool {
    // Of a currency without a limit, any amount is large.
    config.four_eyes_above.get(&amount.currency).is_none_or(|above| amount.minor > *above)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use sluice_core::id::{OrderId, OrderKind};
    use sluice_core::money::Currency;
    use sluice_core::time::Timestamp;

    use super::*;
    use crate::store::desk::Matter;

    #[test]
    fn the_second_must_be_another_and_say_the_same() {
        let waits = |by: &str, decision: &str| Proposed {
            matter: Matter::Payout { order: OrderId::new(OrderKind::Withdraw, Timestamp(0), 0) },
            decision: decision.to_owned(),
            bill_line: String::new(),
            reason: String::new(),
            by: by.to_owned(),
            at: Timestamp(0),
        };
        // Whether two are needed, what waits, what bob says → what follows, and after whom.
        for (two, waiting, says, want) in [
            (false, None, "refund", "carried out"),
            (true, None, "refund", "waits"),
            (true, Some(waits("alice", "refund")), "refund", "carried out after alice"),
            (true, Some(waits("alice", "keep")), "refund", "waits"),
            (true, Some(waits("bob", "refund")), "refund", "waits"),
            (true, Some(waits("bob", "keep")), "refund", "waits"),
            // The limit was raised meanwhile: one suffices, and who agreed before counts.
            (false, Some(waits("alice", "keep")), "refund", "carried out"),
            (false, Some(waits("alice", "refund")), "refund", "carried out after alice"),
        ] {
            let follows = match step(two, waiting.as_ref(), "bob", says) {
                Step::Wait => "waits".to_owned(),
                Step::CarryOut { first: None } => "carried out".to_owned(),
                Step::CarryOut { first: Some(first) } => format!("carried out after {}", first.by),
            };
            assert_eq!(follows, want, "{two} {waiting:?}");
        }
    }

    #[test]
    fn a_currency_without_a_limit_always_needs_two() {
        let usd: Currency = "USD".parse().unwrap();
        let config = DeskConfig { four_eyes_above: BTreeMap::from([(Currency::CNY, 100_000)]) };
        for (minor, currency, want) in [
            (1, Currency::CNY, false),
            (100_000, Currency::CNY, false),
            (100_001, Currency::CNY, true),
            (1, usd, true),
        ] {
            assert_eq!(needed(&config, Amount::new(minor, currency)), want, "{minor} {currency}");
        }
    }
}
