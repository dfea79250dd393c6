//! Refunds: the sub codes of `alipay.trade.refund` and its query, and the fields that say how it went.

use sluice_core::observation::{Presence, Trouble};

use super::{ALARM, ASK, Disbursement, Meaning, NEW, SubCode, disbursement as row};

use Meaning::{Fact, Refused, Unknown};
use Trouble::{ProviderError, Underfunded, Unlisted};

/// `sub_code` under 40004.
pub const SUB_CODES: &[SubCode<Disbursement>] = &[
    //  sub code                       refund                  its query
    row("SYSTEM_ERROR", ASK, ASK),
    row("INVALID_PARAMETER", ALARM, ALARM),
    // Only what was paid is refunded, so this contradicts what is known: no refusal, a query tells.
    row("TRADE_NOT_EXIST", ASK, Fact(Presence::NotFound)),
    // Wholly refunded, perhaps by this very refund.
    row("TRADE_HAS_CLOSE", ASK, NEW),
    // The number was used with other data: what stands there is not what was sent now.
    row("DISCORDANT_REPEAT_REQUEST", ASK, NEW),
    row("SELLER_BALANCE_NOT_ENOUGH", Unknown(Underfunded), NEW),
    row("TRADE_HAS_FINISHED", Refused(ProviderError), NEW),
    row("TRADE_NOT_ALLOW_REFUND", Refused(ProviderError), NEW),
    row("REFUND_AMT_NOT_EQUAL_TOTAL", Refused(ProviderError), NEW),
    row("REASON_TRADE_REFUND_FEE_ERR", Refused(ProviderError), NEW),
];

/// What `fund_change` of a done refund says: without `Y` nothing has moved yet, or nothing more by this repetition.
pub fn presence(fund_change: &str) -> Presence {
    if fund_change == "Y" { Presence::Refunded } else { Presence::Refunding }
}

/// What `refund_status` of a done query says. `None` without one: the refund is not shown, for whatever reason.
///
/// # Errors
/// A status that is not listed.
pub fn status(refund_status: &str) -> Result<Option<Presence>, Trouble> {
    match refund_status {
        "REFUND_SUCCESS" => Ok(Some(Presence::Refunded)),
        "" => Ok(None),
        _ => Err(Unlisted),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Op, tests::refusals};
    use super::*;

    #[test]
    fn sub_codes_by_operation() {
        let not_exist = [ASK, Fact(Presence::NotFound)];
        let refused = [Refused(ProviderError), NEW];
        refusals(
            [Op::Refund, Op::RefundQuery],
            &[
                ("ACQ.INVALID_PARAMETER", [ALARM, ALARM]),
                ("INVALID_PARAMETER", [ALARM, ALARM]),
                ("ACQ.TRADE_NOT_EXIST", not_exist),
                ("TRADE_NOT_EXIST", not_exist),
                ("ACQ.TRADE_HAS_CLOSE", [ASK, NEW]),
                ("ACQ.DISCORDANT_REPEAT_REQUEST", [ASK, NEW]),
                ("ACQ.SELLER_BALANCE_NOT_ENOUGH", [Unknown(Underfunded), NEW]),
                ("ACQ.TRADE_HAS_FINISHED", refused),
                ("ACQ.TRADE_NOT_ALLOW_REFUND", refused),
                ("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", refused),
                ("ACQ.REASON_TRADE_REFUND_FEE_ERR", refused),
                // Listed for other operations only.
                ("ACQ.TRADE_STATUS_ERROR", [NEW; 2]),
                ("ACQ.TRADE_HAS_SUCCESS", [NEW; 2]),
                ("ACQ.TOTAL_FEE_EXCEED", [NEW; 2]),
                ("PAYER_BALANCE_NOT_ENOUGH", [NEW; 2]),
            ],
        );
    }

    #[test]
    fn fields() {
        for (fund_change, want) in [
            ("Y", Presence::Refunded),
            ("N", Presence::Refunding),
            ("", Presence::Refunding),
            ("y", Presence::Refunding),
        ] {
            assert_eq!(presence(fund_change), want, "{fund_change}");
        }
        for (refund_status, want) in [
            ("REFUND_SUCCESS", Ok(Some(Presence::Refunded))),
            ("", Ok(None)),
            ("REFUND_PROCESSING", Err(Unlisted)),
            ("refund_success", Err(Unlisted)),
        ] {
            assert_eq!(status(refund_status), want, "{refund_status}");
        }
    }
}
