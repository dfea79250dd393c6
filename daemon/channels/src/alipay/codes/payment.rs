//! Payments: the sub codes of creation, query and close, and `trade_status`.

use sluice_core::observation::{Presence, Trouble};

use super::{ALARM, ASK, Meaning, NEW, SubCode};

use Meaning::{Fact, Refused};
use Presence::{Closed, NotFound, Paid, Unpaid};
use Trouble::{Misconfigured, ProviderError, Unlisted};

/// What a sub code means to a payment's operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payment {
    /// To a creation.
    pub create: Meaning,
    /// To a query.
    pub query: Meaning,
    /// To a close.
    pub close: Meaning,
}

const fn row(name: &'static str, create: Meaning, query: Meaning, close: Meaning) -> SubCode<Payment> {
    SubCode { name, meanings: Payment { create, query, close } }
}

/// `sub_code` under 40004.
pub const SUB_CODES: &[SubCode<Payment>] = &[
    //  sub code                              create                  query                   close
    row("SYSTEM_ERROR", ASK, ASK, ASK),
    row("TRADE_NOT_EXIST", NEW, Fact(NotFound), Fact(NotFound)),
    row("INVALID_PARAMETER", Refused(Misconfigured), ALARM, ALARM),
    // Already paid, says a refusal; but only the query's answer states the amount.
    row("TRADE_HAS_SUCCESS", ASK, NEW, ASK),
    row("TRADE_HAS_CLOSE", Fact(Closed), NEW, ASK),
    // The number was used with other parameters: what stands there is not what was sent now.
    row("CONTEXT_INCONSISTENT", ASK, NEW, NEW),
    // Not closable; often because it is paid.
    row("TRADE_STATUS_ERROR", NEW, NEW, ASK),
    row("REASON_TRADE_STATUS_INVALID", NEW, NEW, ASK),
    row("REASON_ILLEGAL_STATUS", NEW, NEW, ASK),
    row("TOTAL_FEE_EXCEED", Refused(ProviderError), NEW, NEW),
    row("BEYOND_PAY_RESTRICTION", Refused(ProviderError), NEW, NEW),
    row("BEYOND_PER_RECEIPT_*", Refused(ProviderError), NEW, NEW),
    row("MERCHANT_PERM_RECEIPT_*_LIMIT", Refused(ProviderError), NEW, NEW),
    row("BUYER_PAYMENT_AMOUNT_*_LIMIT_ERROR", Refused(ProviderError), NEW, NEW),
];

/// What stands beside a `trade_status` and decides what `TRADE_CLOSED` means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// A payment was stated.
    pub paid: bool,
    /// A refund was stated.
    pub refunded: bool,
}

/// What `trade_status` says.
///
/// # Errors
/// A status that is not listed, or a closed trade with a payment but no refund: a person must look.
pub fn presence(trade_status: &str, evidence: Evidence) -> Result<Presence, Trouble> {
    match trade_status {
        "WAIT_BUYER_PAY" => Ok(Unpaid),
        // Also after a partial refund.
        "TRADE_SUCCESS" => Ok(Paid),
        // The refund window is over.
        "TRADE_FINISHED" => Ok(Paid),
        "TRADE_CLOSED" if evidence.refunded => Ok(Presence::Refunded),
        "TRADE_CLOSED" if evidence.paid => Err(ProviderError),
        "TRADE_CLOSED" => Ok(Closed),
        _ => Err(Unlisted),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Op, tests::refusals};
    use super::*;

    #[test]
    fn sub_codes_by_operation() {
        let limit = [Refused(ProviderError), NEW, NEW];
        let not_exist = [NEW, Fact(NotFound), Fact(NotFound)];
        let invalid = [Refused(Misconfigured), ALARM, ALARM];
        refusals(
            [Op::Create, Op::Query, Op::Close],
            &[
                ("ACQ.TRADE_NOT_EXIST", not_exist),
                ("TRADE_NOT_EXIST", not_exist),
                ("ACQ.INVALID_PARAMETER", invalid),
                ("INVALID_PARAMETER", invalid),
                ("ACQ.TRADE_HAS_SUCCESS", [ASK, NEW, ASK]),
                ("ACQ.TRADE_HAS_CLOSE", [Fact(Closed), NEW, ASK]),
                ("ACQ.CONTEXT_INCONSISTENT", [ASK, NEW, NEW]),
                ("ACQ.TRADE_STATUS_ERROR", [NEW, NEW, ASK]),
                ("ACQ.REASON_TRADE_STATUS_INVALID", [NEW, NEW, ASK]),
                ("ACQ.REASON_ILLEGAL_STATUS", [NEW, NEW, ASK]),
                ("ACQ.TOTAL_FEE_EXCEED", limit),
                ("ACQ.BEYOND_PAY_RESTRICTION", limit),
                ("ACQ.BEYOND_PER_RECEIPT_RESTRICTION", limit),
                ("ACQ.BEYOND_PER_RECEIPT_DAY_RESTRICTION", limit),
                ("ACQ.MERCHANT_PERM_RECEIPT_SUSPEND_LIMIT", limit),
                ("ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR", limit),
                // A pattern is not a prefix, and a name not a pattern.
                ("ACQ.MERCHANT_PERM_RECEIPT_SUSPEND", [NEW; 3]),
                ("ACQ.TOTAL_FEE_EXCEEDED", [NEW; 3]),
                // A refund's and a payout's refusals say nothing of a payment.
                ("ACQ.SELLER_BALANCE_NOT_ENOUGH", [NEW; 3]),
                ("ORDER_NOT_EXIST", [NEW; 3]),
            ],
        );
    }

    #[test]
    fn trade_status() {
        let none = Evidence::default();
        let paid = Evidence { paid: true, refunded: false };
        let refunded = Evidence { paid: true, refunded: true };
        for (status, evidence, want) in [
            ("WAIT_BUYER_PAY", none, Ok(Unpaid)),
            ("TRADE_SUCCESS", paid, Ok(Paid)),
            ("TRADE_SUCCESS", refunded, Ok(Paid)),
            ("TRADE_FINISHED", paid, Ok(Paid)),
            ("TRADE_CLOSED", none, Ok(Closed)),
            ("TRADE_CLOSED", refunded, Ok(Presence::Refunded)),
            ("TRADE_CLOSED", paid, Err(ProviderError)),
            ("TRADE_PENDING", none, Err(Unlisted)),
            ("trade_success", paid, Err(Unlisted)),
            ("", none, Err(Unlisted)),
        ] {
            assert_eq!(presence(status, evidence), want, "{status} {evidence:?}");
        }
    }
}
