//! What Alipay's codes mean, as tables. Everything that no table lists is unknown, and never a failure.
//!
//! [`CODES`] are the gateway's own; the sub codes of a business refusal stand in a table for each kind of business.

pub mod payment;
pub mod payout;
pub mod refund;

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
    /// `alipay.trade.refund`.
    Refund,
    /// `alipay.trade.fastpay.refund.query`.
    RefundQuery,
    /// `alipay.fund.trans.uni.transfer`.
    Payout,
    /// `alipay.fund.trans.common.query`.
    PayoutQuery,
}

/// What a verified answer's codes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The call is done; the business fields say how it went.
    Done,
    /// The codes themselves say what Alipay's books hold.
    Fact(Presence),
    /// Definitely not done. A payment is refused only if no earlier try of its number may exist, else it is unknown;
    /// a refund or payout has failed only once its query agrees.
    Refused(Trouble),
    /// The money fact stays what it was.
    Unknown(Trouble),
}

use Meaning::{Done, Fact, Unknown};
use Trouble::{Misconfigured, ProviderError, TooFrequent, Unlisted};

/// The outcome is open, and a query tells.
const ASK: Meaning = Unknown(ProviderError);
/// Our request is wrong, or our account: a person must look.
const ALARM: Meaning = Unknown(Misconfigured);
const NEW: Meaning = Unknown(Unlisted);

/// `code`. 40004 is a business refusal, which its sub code explains.
pub const CODES: &[(&str, Meaning)] = &[
    ("10000", Done),
    ("10003", Fact(Presence::Unpaid)),
    ("20000", ASK),
    ("20001", ALARM),
    ("40001", ALARM),
    ("40002", ALARM),
    ("40003", ALARM),
    ("40005", Unknown(TooFrequent)),
    ("40006", ALARM),
];

/// A sub code under 40004 and what it means, by operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubCode<M> {
    /// Without its `ACQ.`, which is not always there; one `*` stands for anything.
    pub name: &'static str,
    /// What it means to each operation of its table.
    pub meanings: M,
}

/// What a sub code means to money that goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disbursement {
    /// To the refund or payout itself.
    pub sending: Meaning,
    /// To its query.
    pub query: Meaning,
}

const fn disbursement(name: &'static str, sending: Meaning, query: Meaning) -> SubCode<Disbursement> {
    SubCode { name, meanings: Disbursement { sending, query } }
}

/// What a verified answer with these codes means to `op`.
pub fn meaning(op: Op, code: &str, sub_code: &str) -> Meaning {
    if is_too_frequent(sub_code) {
        return Unknown(TooFrequent);
    }
    if code == "40004" {
        return refusal(op, sub_code);
    }
    CODES.iter().find(|(listed, _)| *listed == code).map_or(NEW, |(_, meaning)| *meaning)
}

fn refusal(op: Op, sub_code: &str) -> Meaning {
    let prefixes = ["ACQ.", "AQC."];
    let name = prefixes.iter().find_map(|prefix| sub_code.strip_prefix(prefix)).unwrap_or(sub_code);
    match op {
        Op::Create => look_up(payment::SUB_CODES, name, |m| m.create),
        Op::Query => look_up(payment::SUB_CODES, name, |m| m.query),
        Op::Close => look_up(payment::SUB_CODES, name, |m| m.close),
        Op::Refund => look_up(refund::SUB_CODES, name, |m| m.sending),
        Op::RefundQuery => look_up(refund::SUB_CODES, name, |m| m.query),
        Op::Payout => look_up(payout::SUB_CODES, name, |m| m.sending),
        Op::PayoutQuery => look_up(payout::SUB_CODES, name, |m| m.query),
    }
}

fn look_up<M>(table: &[SubCode<M>], name: &str, to_op: impl FnOnce(&M) -> Meaning) -> Meaning {
    table.iter().find(|row| fits(row.name, name)).map_or(NEW, |row| to_op(&row.meanings))
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

    const OPS: [Op; 7] =
        [Op::Create, Op::Query, Op::Close, Op::Refund, Op::RefundQuery, Op::Payout, Op::PayoutQuery];

    /// What the sub codes of a business refusal mean to some operations.
    #[track_caller]
    pub(super) fn refusals<const N: usize>(ops: [Op; N], table: &[(&str, [Meaning; N])]) {
        for (sub_code, want) in table {
            assert_eq!(ops.map(|op| meaning(op, "40004", sub_code)), *want, "{sub_code}");
        }
    }

    #[test]
    fn the_gateways_codes_mean_the_same_to_every_operation() {
        const BACK_OFF: Meaning = Unknown(TooFrequent);
        for (code, sub_code, want) in [
            ("10000", "", Done),
            ("10003", "", Fact(Presence::Unpaid)),
            ("20000", "isp.unknow-error", ASK),
            ("20000", "aop.unknow-error", ASK),
            ("20000", "aop.ACQ.SYSTEM_ERROR", ASK),
            ("20001", "aop.invalid-auth-token", ALARM),
            ("40001", "isv.missing-method", ALARM),
            ("40002", "isv.invalid-signature", ALARM),
            ("40002", "isv.invalid-timestamp", ALARM),
            ("40003", "isv.invalid-app-id", ALARM),
            ("40005", "", BACK_OFF),
            ("40005", "isv.app-call-limited", BACK_OFF),
            ("40002", "isv.app-call-limited", BACK_OFF),
            ("40004", "isv.method-call-limited", BACK_OFF),
            ("20000", "isv.method-call-limited", BACK_OFF),
            ("10000", "isv.method-call-limited", BACK_OFF),
            ("40006", "isv.insufficient-isv-permissions", ALARM),
            ("40004", "ACQ.SYSTEM_ERROR", ASK),
            ("40004", "AQC.SYSTEM_ERROR", ASK),
            ("40004", "SYSTEM_ERROR", ASK),
            ("40004", "ACQ.acq.TRADE_NOT_EXIST", NEW),
            ("40004", "ACQ.SOMETHING_NEW", NEW),
            ("40004", "", NEW),
            ("40099", "ACQ.TRADE_NOT_EXIST", NEW),
            ("40099", "ORDER_NOT_EXIST", NEW),
            ("1000", "", NEW),
            ("", "", NEW),
        ] {
            assert_eq!(OPS.map(|op| meaning(op, code, sub_code)), [want; 7], "{code}/{sub_code}");
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
            ("40004", "PAYEE_NOT_EXIST", None),
        ] {
            assert_eq!(gateway_refusal(code, sub_code), want, "{code}/{sub_code}");
        }
    }
}
