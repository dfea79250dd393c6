//! Payouts: the sub codes of `alipay.fund.trans.uni.transfer` and its query, and `status`.

use sluice_core::observation::{Presence, Trouble};

use super::{ALARM, ASK, Disbursement, Meaning, NEW, SubCode, disbursement as row};

use Meaning::{Fact, Refused, Unknown};
use Trouble::{InProgress, ProviderError, TooFrequent, Unlisted};

/// `sub_code` under 40004.
pub const SUB_CODES: &[SubCode<Disbursement>] = &[
    //  sub code                       transfer                its query
    row("SYSTEM_ERROR", ASK, ASK),
    row("INVALID_PARAMETER", ALARM, ALARM),
    row("ORDER_NOT_EXIST", NEW, Fact(Presence::NotFound)),
    row("REQUEST_PROCESSING", Unknown(InProgress), NEW),
    row("TRANS_ORDER_DEALING", Unknown(InProgress), NEW),
    row("PROCESS_FAIL", ASK, NEW),
    row("BANK_RESPONSE_ERROR", ASK, NEW),
    row("RESOURCE_LIMIT_EXCEED", Unknown(TooFrequent), NEW),
    // The number was used with other data: what stands there is not what was sent now.
    row("BIZ_UNIQUE_EXCEPTION", ASK, NEW),
    row("PAYMENT_INFO_INCONSISTENCY", ASK, NEW),
    row("PAYER_BALANCE_NOT_ENOUGH", Refused(ProviderError), NEW),
    row("PAYEE_NOT_EXIST", Refused(ProviderError), NEW),
    row("PAYEE_ACCOUNT_STATUS_ERROR", Refused(ProviderError), NEW),
    row("EXCEED_LIMIT_*", Refused(ProviderError), NEW),
];

/// What `status` says, of the transfer or of its query.
///
/// # Errors
/// Alipay is still at work, or the status is missing or not listed.
pub fn presence(status: &str) -> Result<Presence, Trouble> {
    match status {
        "SUCCESS" => Ok(Presence::Paid),
        "FAIL" => Ok(Presence::Failed),
        // It had been paid, and the payee's bank sent it back.
        "REFUND" => Ok(Presence::Refunded),
        "CLOSED" => Ok(Presence::Closed),
        "WAIT_PAY" => Ok(Presence::Unpaid),
        "DEALING" => Err(InProgress),
        _ => Err(Unlisted),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Op, tests::refusals};
    use super::*;

    #[test]
    fn sub_codes_by_operation() {
        let refused = [Refused(ProviderError), NEW];
        refusals(
            [Op::Payout, Op::PayoutQuery],
            &[
                ("INVALID_PARAMETER", [ALARM, ALARM]),
                ("ORDER_NOT_EXIST", [NEW, Fact(Presence::NotFound)]),
                ("REQUEST_PROCESSING", [Unknown(InProgress), NEW]),
                ("TRANS_ORDER_DEALING", [Unknown(InProgress), NEW]),
                ("PROCESS_FAIL", [ASK, NEW]),
                ("BANK_RESPONSE_ERROR", [ASK, NEW]),
                ("RESOURCE_LIMIT_EXCEED", [Unknown(TooFrequent), NEW]),
                ("BIZ_UNIQUE_EXCEPTION", [ASK, NEW]),
                ("PAYMENT_INFO_INCONSISTENCY", [ASK, NEW]),
                ("PAYER_BALANCE_NOT_ENOUGH", refused),
                ("PAYEE_NOT_EXIST", refused),
                ("PAYEE_ACCOUNT_STATUS_ERROR", refused),
                ("EXCEED_LIMIT_SM_AMOUNT", refused),
                ("EXCEED_LIMIT_DM_MAX_AMOUNT", refused),
                ("EXCEED_LIMIT", [NEW; 2]),
                // Listed for other operations only.
                ("ACQ.TRADE_NOT_EXIST", [NEW; 2]),
                ("ACQ.SELLER_BALANCE_NOT_ENOUGH", [NEW; 2]),
            ],
        );
    }

    #[test]
    fn status() {
        for (status, want) in [
            ("SUCCESS", Ok(Presence::Paid)),
            ("FAIL", Ok(Presence::Failed)),
            ("REFUND", Ok(Presence::Refunded)),
            ("CLOSED", Ok(Presence::Closed)),
            ("WAIT_PAY", Ok(Presence::Unpaid)),
            ("DEALING", Err(InProgress)),
            ("INIT", Err(Unlisted)),
            ("success", Err(Unlisted)),
            ("", Err(Unlisted)),
        ] {
            assert_eq!(presence(status), want, "{status}");
        }
    }
}
