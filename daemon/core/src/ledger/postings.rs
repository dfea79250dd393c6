//! Which accounts each kind of journal moves.
//!
//! The lines are pure functions of a few figures; the documents show each with an example.

use serde::{Deserialize, Serialize};

use super::{Account, Journal, Posting};
use crate::fee::Bearer;
use crate::id::OrderId;
use crate::money::Currency;
use crate::time::Timestamp;

/// Why money moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostingKind {
    /// A recharge was paid and is credited to its user.
    RechargeCredit,
    /// A payment that can't be credited waits for a decision.
    RechargeSuspense,
    /// A decision: money in suspense is credited to the user.
    SuspenseApply,
    /// A decision: money in suspense went back to the payer.
    SuspenseRefund,
    /// A withdrawal holds the user's money.
    WithdrawHold,
    /// The channel paid it out.
    WithdrawPaid,
    /// It was not paid out; the hold ends.
    WithdrawRelease,
    /// The bank returned it after all (退票).
    WithdrawReturned,
    /// The channel paid out although the hold had ended.
    WithdrawUncovered,
    /// A decision: the user is charged for a payout without hold.
    UncoveredCharge,
    /// A direct trade.
    TradeSettle,
    /// A trade is authorised: the payer's money is held.
    TradeHold,
    /// It is captured: so much to the payee, the rest back to the payer.
    TradeCapture,
    /// It is voided or expired; the hold ends.
    TradeRelease,
    /// A refund of a recharge holds the money that goes back.
    RefundHold,
    /// The channel gave it back to the payer.
    RefundPaid,
    /// It failed; the hold ends.
    RefundRelease,
    /// A refund of a trade: from the payee back to the payer, at once.
    TradeRefund,
}

impl PostingKind {
    /// Every kind, in the order of the documents.
    pub const ALL: [Self; 18] = [
        Self::RechargeCredit,
        Self::RechargeSuspense,
        Self::SuspenseApply,
        Self::SuspenseRefund,
        Self::WithdrawHold,
        Self::WithdrawPaid,
        Self::WithdrawRelease,
        Self::WithdrawReturned,
        Self::WithdrawUncovered,
        Self::UncoveredCharge,
        Self::TradeSettle,
        Self::TradeHold,
        Self::TradeCapture,
        Self::TradeRelease,
        Self::RefundHold,
        Self::RefundPaid,
        Self::RefundRelease,
        Self::TradeRefund,
    ];

    /// As in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RechargeCredit => "recharge_credit",
            Self::RechargeSuspense => "recharge_suspense",
            Self::SuspenseApply => "suspense_apply",
            Self::SuspenseRefund => "suspense_refund",
            Self::WithdrawHold => "withdraw_hold",
            Self::WithdrawPaid => "withdraw_paid",
            Self::WithdrawRelease => "withdraw_release",
            Self::WithdrawReturned => "withdraw_returned",
            Self::WithdrawUncovered => "withdraw_uncovered",
            Self::UncoveredCharge => "uncovered_charge",
            Self::TradeSettle => "trade_settle",
            Self::TradeHold => "trade_hold",
            Self::TradeCapture => "trade_capture",
            Self::TradeRelease => "trade_release",
            Self::RefundHold => "refund_hold",
            Self::RefundPaid => "refund_paid",
            Self::RefundRelease => "refund_release",
            Self::TradeRefund => "trade_refund",
        }
    }

    /// In a sentence, for the documents.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::RechargeCredit => {
                "a recharge was paid: the channel holds the money, the user has it, less our fee"
            }
            Self::RechargeSuspense => "a payment that can't be credited waits for a decision",
            Self::SuspenseApply => "decided: money in suspense is credited to the order's user",
            Self::SuspenseRefund => "decided, and carried out: money in suspense went back to the payer",
            Self::WithdrawHold => "a withdrawal holds the user's money, our fee on top",
            Self::WithdrawPaid => "the channel paid it out",
            Self::WithdrawRelease => "it was definitely not paid out: the hold ends",
            Self::WithdrawReturned => "the bank returned it after it was paid (退票): the user has it again",
            Self::WithdrawUncovered => "the channel paid out although the hold had ended: money is missing",
            Self::UncoveredCharge => "decided: the user is charged for a payout without hold",
            Self::TradeSettle => "a direct trade: from the payer to the payee, our fee on top",
            Self::TradeHold => "a trade is authorised: the payer's money is held",
            Self::TradeCapture => "it is captured: so much to the payee, the rest back to the payer",
            Self::TradeRelease => "it is voided or expired: the hold ends",
            Self::RefundHold => "a refund of a recharge holds what goes back",
            Self::RefundPaid => {
                "the channel gave it back to the payer, with the fee's part where it is returned"
            }
            Self::RefundRelease => "it failed: the hold ends",
            Self::TradeRefund => "a refund of a trade: from the payee back to the payer, at once",
        }
    }
}

/// The lines of a journal in the making. Lines of nothing are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines(Vec<Posting>);

impl Lines {
    fn debit(mut self, account: Account, minor: i64) -> Self {
        if minor != 0 {
            self.0.push(Posting { account, minor });
        }
        self
    }

    fn credit(self, account: Account, minor: i64) -> Self {
        self.debit(account, -minor)
    }

    /// Our fee: earned, and owed by the app where it bears it.
    fn fee(self, client_id: &str, fee: Fee) -> Self {
        let lines = self.credit(Account::ServiceFee, fee.minor);
        match fee.bearer {
            Bearer::User => lines,
            Bearer::App => lines.debit(Account::AppFeesDue { client_id: client_id.to_owned() }, fee.minor),
        }
    }

    /// The lines as a journal.
    pub fn journal(
        self,
        order: OrderId,
        kind: PostingKind,
        key: String,
        currency: Currency,
        at: Timestamp,
    ) -> Journal {
        Journal { order, kind, key, currency, at, postings: self.0 }
    }
}

/// Our fee on a movement, and who bears it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fee {
    /// In minor units.
    pub minor: i64,
    /// Who bears it.
    pub bearer: Bearer,
}

impl Fee {
    /// What the user bears of it.
    pub const fn of_user(self) -> i64 {
        match self.bearer {
            Bearer::User => self.minor,
            Bearer::App => 0,
        }
    }
}

/// A user of an app.
#[derive(Clone, Copy, Debug)]
pub struct User<'a> {
    /// The app.
    pub client_id: &'a str,
    /// The app's name for the user.
    pub user_ref: &'a str,
}

impl User<'_> {
    /// What the user can spend.
    pub fn available(self) -> Account {
        Account::UserAvailable { client_id: self.client_id.to_owned(), user_ref: self.user_ref.to_owned() }
    }

    /// What is held of the user's.
    pub fn held(self) -> Account {
        Account::UserHeld { client_id: self.client_id.to_owned(), user_ref: self.user_ref.to_owned() }
    }
}

fn clearing(channel: &str) -> Account {
    Account::ChannelClearing { channel: channel.to_owned() }
}

/// [`PostingKind::RechargeCredit`]. The channel's own fee is a cost of ours, taken from what it holds.
pub fn recharge_credit(user: User<'_>, channel: &str, minor: i64, fee: Fee, channel_fee: i64) -> Lines {
    Lines::default()
        .debit(clearing(channel), minor - channel_fee)
        .debit(Account::ChannelFee { channel: channel.to_owned() }, channel_fee)
        .credit(user.available(), minor - fee.of_user())
        .fee(user.client_id, fee)
}

/// [`PostingKind::RechargeSuspense`].
pub fn recharge_suspense(channel: &str, minor: i64) -> Lines {
    Lines::default().debit(clearing(channel), minor).credit(Account::Suspense, minor)
}

/// [`PostingKind::SuspenseApply`].
pub fn suspense_apply(user: User<'_>, minor: i64, fee: Fee) -> Lines {
    Lines::default()
        .debit(Account::Suspense, minor)
        .credit(user.available(), minor - fee.of_user())
        .fee(user.client_id, fee)
}

/// [`PostingKind::SuspenseRefund`].
pub fn suspense_refund(channel: &str, minor: i64) -> Lines {
    Lines::default().debit(Account::Suspense, minor).credit(clearing(channel), minor)
}

/// [`PostingKind::WithdrawHold`], [`PostingKind::TradeHold`]: `minor` with what the user bears of the fee.
pub fn hold(user: User<'_>, minor: i64) -> Lines {
    Lines::default().debit(user.available(), minor).credit(user.held(), minor)
}

/// [`PostingKind::WithdrawRelease`], [`PostingKind::TradeRelease`]: what was held.
pub fn release(user: User<'_>, minor: i64) -> Lines {
    Lines::default().debit(user.held(), minor).credit(user.available(), minor)
}

/// [`PostingKind::WithdrawPaid`].
pub fn withdraw_paid(user: User<'_>, channel: &str, minor: i64, fee: Fee, channel_fee: i64) -> Lines {
    Lines::default()
        .debit(user.held(), minor + fee.of_user())
        .fee(user.client_id, fee)
        .debit(Account::ChannelFee { channel: channel.to_owned() }, channel_fee)
        .credit(clearing(channel), minor + channel_fee)
}

/// [`PostingKind::WithdrawReturned`]. `returned`: the fee goes back too.
pub fn withdraw_returned(user: User<'_>, channel: &str, minor: i64, returned: Fee) -> Lines {
    Lines::default()
        .debit(clearing(channel), minor)
        .credit(user.available(), minor + returned.of_user())
        .fee(user.client_id, Fee { minor: -returned.minor, ..returned })
}

/// [`PostingKind::WithdrawUncovered`].
pub fn withdraw_uncovered(channel: &str, minor: i64, channel_fee: i64) -> Lines {
    Lines::default()
        .debit(Account::Suspense, minor)
        .debit(Account::ChannelFee { channel: channel.to_owned() }, channel_fee)
        .credit(clearing(channel), minor + channel_fee)
}

/// [`PostingKind::WithdrawReturned`] of a payout without hold that nobody was charged for.
pub fn uncovered_returned(channel: &str, minor: i64) -> Lines {
    Lines::default().debit(clearing(channel), minor).credit(Account::Suspense, minor)
}

/// [`PostingKind::UncoveredCharge`].
pub fn uncovered_charge(user: User<'_>, minor: i64) -> Lines {
    Lines::default().debit(user.available(), minor).credit(Account::Suspense, minor)
}

/// [`PostingKind::TradeSettle`].
pub fn trade_settle(payer: User<'_>, payee: Account, minor: i64, fee: Fee) -> Lines {
    Lines::default()
        .debit(payer.available(), minor + fee.of_user())
        .credit(payee, minor)
        .fee(payer.client_id, fee)
}

/// [`PostingKind::TradeCapture`]: `minor` of what was held, with the fee on it.
pub fn trade_capture(payer: User<'_>, payee: Account, held: i64, minor: i64, fee: Fee) -> Lines {
    Lines::default()
        .debit(payer.held(), held)
        .credit(payee, minor)
        .fee(payer.client_id, fee)
        .credit(payer.available(), held - minor - fee.of_user())
}

/// [`PostingKind::RefundHold`].
pub fn refund_hold(from: Account, held: Account, minor: i64) -> Lines {
    Lines::default().debit(from, minor).credit(held, minor)
}

/// [`PostingKind::RefundPaid`]: the payer gets `minor`, of which the fee's part comes from us. `from` gets what that part
/// has over a small refund.
pub fn refund_paid(
    from: Account,
    held: Account,
    client_id: &str,
    channel: &str,
    minor: i64,
    returned: Fee,
) -> Lines {
    Lines::default()
        .debit(held, (minor - returned.of_user()).max(0))
        .credit(from, (returned.of_user() - minor).max(0))
        .fee(client_id, Fee { minor: -returned.minor, ..returned })
        .credit(clearing(channel), minor)
}

/// [`PostingKind::RefundRelease`].
pub fn refund_release(from: Account, held: Account, minor: i64) -> Lines {
    Lines::default().debit(held, minor).credit(from, minor)
}

/// [`PostingKind::TradeRefund`]: the payer gets `minor` back from the payee, and the fee's part from us.
pub fn trade_refund(payer: User<'_>, payee: Account, minor: i64, returned: Fee) -> Lines {
    Lines::default()
        .debit(payee, minor)
        .credit(payer.available(), minor + returned.of_user())
        .fee(payer.client_id, Fee { minor: -returned.minor, ..returned })
}
