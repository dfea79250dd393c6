//! What Alipay's codes mean, as tables. Everything that no table lists is unknown, and never a failure.

use sluice_core::observation::{Presence, Trouble};

/// What was asked; the same code can mean different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `alipay.trade.precreate`.
    Create,
    /// `alipay.trade.query`.
    Query,
    /// `alipay.trade.close`.
    Close,
}

/// What a verified answer's codes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The call is done; the business fields say how it went.
    Done,
    /// The codes themselves say what Alipay's books hold.
    Fact(Presence),
    /// This payment is definitely not taken, if no earlier try of its number may exist; else unknown.
    Refused(Trouble),
    /// The money fact stays what it was.
    Unknown(Trouble),
}

use Meaning::{Done, Fact, Refused, Unknown};
use Presence::{Closed, NotFound, Paid, Unpaid};
use Trouble::{Misconfigured, ProviderError, TooFrequent, Unlisted};

/// The outcome is open, and a query tells.
const ASK: Meaning = Unknown(ProviderError);
const NEW: Meaning = Unknown(Unlisted);

/// `code`. 40004 is a business refusal, which [`SUB_CODES`] explains.
pub const CODES: &[(&str, Meaning)] = &[
    ("10000", Done),
    ("10003", Fact(Unpaid)),
    ("20000", ASK),
    ("20001", Unknown(Misconfigured)),
    ("40001", Unknown(Misconfigured)),
    ("40002", Unknown(Misconfigured)),
    ("40003", Unknown(Misconfigured)),
    ("40005", Unknown(TooFrequent)),
    ("40006", Unknown(Misconfigured)),
];

/// What the sub codes of 40004 mean to each operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubCode {
    /// Without its `ACQ.`, which is not always there; one `*` stands for anything.
    pub name: &'static str,
    /// To a creation.
    pub create: Meaning,
    /// To a query.
    pub query: Meaning,
    /// To a close.
    pub close: Meaning,
}

const fn row(name: &'static str, create: Meaning, query: Meaning, close: Meaning) -> SubCode {
    SubCode { name, create, query, close }
}

/// `sub_code` under 40004.
pub const SUB_CODES: &[SubCode] = &[
    //  sub code                              create                  query                   close
    row("SYSTEM_ERROR", ASK, ASK, ASK),
    row("TRADE_NOT_EXIST", NEW, Fact(NotFound), Fact(NotFound)),
    row("INVALID_PARAMETER", Refused(Misconfigured), Unknown(Misconfigured), Unknown(Misconfigured)),
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

/// What a verified answer with these codes means to `op`.
pub fn meaning(op: Op, code: &str, sub_code: &str) -> Meaning {
    if is_too_frequent(sub_code) {
        return Unknown(TooFrequent);
    }
    if code == "40004" {
        let name =
            sub_code.strip_prefix("ACQ.").or_else(|| sub_code.strip_prefix("AQC.")).unwrap_or(sub_code);
        return SUB_CODES.iter().find(|row| fits(row.name, name)).map_or(NEW, |row| match op {
            Op::Create => row.create,
            Op::Query => row.query,
            Op::Close => row.close,
        });
    }
    CODES.iter().find(|(listed, _)| *listed == code).map_or(NEW, |(_, meaning)| *meaning)
}

/// Why the gateway refused before any business was done, as far as an answer that proves nothing can tell.
/// `None` where the codes are those of a business answer.
pub fn gateway_refusal(code: &str, sub_code: &str) -> Option<Trouble> {
    match meaning(Op::Query, code, sub_code) {
        Unknown(trouble) if code != "40004" || trouble == TooFrequent => Some(trouble),
        _ => None,
    }
}

/// `isv.app-call-limited`, `isv.method-call-limited`, under whatever code.
fn is_too_frequent(sub_code: &str) -> bool {
    sub_code.ends_with("-call-limited")
}

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

/// Whether `name` is `pattern`, where one `*` stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, tail)) => name.strip_prefix(head).is_some_and(|rest| rest.ends_with(tail)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_by_operation() {
        const ALARM: Meaning = Unknown(Misconfigured);
        const BACK_OFF: Meaning = Unknown(TooFrequent);
        for (code, sub_code, create, query, close) in [
            ("10000", "", Done, Done, Done),
            ("10003", "", Fact(Unpaid), Fact(Unpaid), Fact(Unpaid)),
            ("20000", "isp.unknow-error", ASK, ASK, ASK),
            ("20000", "aop.unknow-error", ASK, ASK, ASK),
            ("20000", "aop.ACQ.SYSTEM_ERROR", ASK, ASK, ASK),
            ("20001", "aop.invalid-auth-token", ALARM, ALARM, ALARM),
            ("40001", "isv.missing-method", ALARM, ALARM, ALARM),
            ("40002", "isv.invalid-signature", ALARM, ALARM, ALARM),
            ("40002", "isv.invalid-timestamp", ALARM, ALARM, ALARM),
            ("40003", "isv.invalid-app-id", ALARM, ALARM, ALARM),
            ("40005", "", BACK_OFF, BACK_OFF, BACK_OFF),
            ("40005", "isv.app-call-limited", BACK_OFF, BACK_OFF, BACK_OFF),
            ("40002", "isv.app-call-limited", BACK_OFF, BACK_OFF, BACK_OFF),
            ("40004", "isv.method-call-limited", BACK_OFF, BACK_OFF, BACK_OFF),
            ("20000", "isv.method-call-limited", BACK_OFF, BACK_OFF, BACK_OFF),
            ("10000", "isv.method-call-limited", BACK_OFF, BACK_OFF, BACK_OFF),
            ("40006", "isv.insufficient-isv-permissions", ALARM, ALARM, ALARM),
            ("40004", "ACQ.SYSTEM_ERROR", ASK, ASK, ASK),
            ("40004", "AQC.SYSTEM_ERROR", ASK, ASK, ASK),
            ("40004", "SYSTEM_ERROR", ASK, ASK, ASK),
            ("40004", "ACQ.TRADE_NOT_EXIST", NEW, Fact(NotFound), Fact(NotFound)),
            ("40004", "TRADE_NOT_EXIST", NEW, Fact(NotFound), Fact(NotFound)),
            ("40004", "ACQ.INVALID_PARAMETER", Refused(Misconfigured), ALARM, ALARM),
            ("40004", "INVALID_PARAMETER", Refused(Misconfigured), ALARM, ALARM),
            ("40004", "ACQ.TRADE_HAS_SUCCESS", ASK, NEW, ASK),
            ("40004", "ACQ.TRADE_HAS_CLOSE", Fact(Closed), NEW, ASK),
            ("40004", "ACQ.CONTEXT_INCONSISTENT", ASK, NEW, NEW),
            ("40004", "ACQ.TRADE_STATUS_ERROR", NEW, NEW, ASK),
            ("40004", "ACQ.REASON_TRADE_STATUS_INVALID", NEW, NEW, ASK),
            ("40004", "ACQ.REASON_ILLEGAL_STATUS", NEW, NEW, ASK),
            ("40004", "ACQ.TOTAL_FEE_EXCEED", Refused(ProviderError), NEW, NEW),
            ("40004", "ACQ.BEYOND_PAY_RESTRICTION", Refused(ProviderError), NEW, NEW),
            ("40004", "ACQ.BEYOND_PER_RECEIPT_RESTRICTION", Refused(ProviderError), NEW, NEW),
            ("40004", "ACQ.BEYOND_PER_RECEIPT_DAY_RESTRICTION", Refused(ProviderError), NEW, NEW),
            ("40004", "ACQ.MERCHANT_PERM_RECEIPT_SUSPEND_LIMIT", Refused(ProviderError), NEW, NEW),
            ("40004", "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR", Refused(ProviderError), NEW, NEW),
            // A pattern is not a prefix, and a name not a pattern.
            ("40004", "ACQ.MERCHANT_PERM_RECEIPT_SUSPEND", NEW, NEW, NEW),
            ("40004", "ACQ.TOTAL_FEE_EXCEEDED", NEW, NEW, NEW),
            ("40004", "ACQ.SELLER_BALANCE_NOT_ENOUGH", NEW, NEW, NEW),
            ("40004", "ACQ.acq.TRADE_NOT_EXIST", NEW, NEW, NEW),
            ("40004", "", NEW, NEW, NEW),
            ("40099", "ACQ.TRADE_NOT_EXIST", NEW, NEW, NEW),
            ("1000", "", NEW, NEW, NEW),
            ("", "", NEW, NEW, NEW),
        ] {
            let found = [Op::Create, Op::Query, Op::Close].map(|op| meaning(op, code, sub_code));
            assert_eq!(found, [create, query, close], "{code}/{sub_code}");
        }
    }

    #[test]
    fn an_unsigned_refusal_is_believed_only_as_a_trouble() {
        for (code, sub_code, want) in [
            ("40002", "isv.invalid-signature", Some(Misconfigured)),
            ("40005", "", Some(TooFrequent)),
            ("40004", "isv.app-call-limited", Some(TooFrequent)),
            ("20000", "isp.unknow-error", Some(ProviderError)),
            ("50000", "", Some(Unlisted)),
            ("10000", "", None),
            ("10003", "", None),
            ("40004", "ACQ.TRADE_NOT_EXIST", None),
            ("40004", "ACQ.SYSTEM_ERROR", None),
        ] {
            assert_eq!(gateway_refusal(code, sub_code), want, "{code}/{sub_code}");
        }
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
