//! What `update` wants done, and what comes back. Effects are values: tests read them, the run loop performs them.

use std::fmt;
use std::time::Duration;

use sluice_proto::v1 as pb;
use zeroize::Zeroizing;

use crate::cli::desk::Decision;
use crate::cli::payouts::Outcome;
use crate::client::watch::Feed;
use crate::exit::Failure;
use crate::tui::key::Key;
use crate::tui::state::desk::DeskRow;

/// Everything that can happen to the console. The time comes beside it.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted as one piece.
    Paste(String),
    /// The terminal has a new size: columns and rows.
    Resize(u16, u16),
    /// A second went by.
    Tick,
    /// The live feed spoke.
    Feed(Feed),
    /// A question was answered.
    Loaded(Ask, Result<Loaded, Failure>),
    /// An act ended.
    Acted(Act, Result<Acted, Failure>),
}

/// What is to be done outside the state.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask the daemon; changes nothing there.
    Ask(Ask),
    /// Have the daemon act.
    Act(Act),
    /// Send text to the terminal's clipboard.
    Copy(Secret),
    /// Hand the terminal back and stop until the shell continues us.
    Suspend,
    /// Draw everything anew.
    Repaint,
    /// End.
    Quit,
}

/// A question to the daemon.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    /// The figures of the first screen.
    Overview,
    /// The orders in limbo.
    Limbo,
    /// The stuck callbacks.
    Callbacks,
    /// The channels.
    Channels,
    /// The apps.
    Apps,
    /// The audit log's newest entries.
    Audit,
    /// Orders with this text in them.
    Search(String),
    /// Orders with exactly this number.
    Find(String),
    /// One order with its timeline.
    Order(String),
    /// One callback with its attempts.
    Callback(String),
    /// One exchange with a channel.
    Evidence(String),
    /// Accounts with this text in their names.
    Accounts(String),
    /// Debits against credits.
    Trial {
        /// And the whole ledger proved.
        prove: bool,
    },
    /// A page of an account's lines, newest first.
    Statement {
        /// The account's name.
        account: String,
        /// In which currency.
        currency: String,
        /// Where the page begins; empty: at the newest line.
        cursor: String,
    },
    /// One order's journals.
    Journal(String),
    /// What waits for people.
    Desk,
}

/// An answer to an [`Ask`].
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "one for each question")]
pub enum Loaded {
    Overview(Box<pb::OverviewReply>),
    Orders(Vec<pb::OrderView>),
    Callbacks(Vec<pb::Callback>),
    Channels(Vec<pb::Channel>),
    Apps(Vec<pb::App>),
    Audit(Vec<pb::AuditEntry>),
    Order(Box<pb::OrderDetail>),
    Callback(Box<pb::CallbackDetail>),
    Evidence(Box<pb::Evidence>),
    Accounts(Box<pb::ListAccountsReply>),
    Trial(Box<pb::TrialBalance>),
    Statement(Box<pb::Statement>),
    Journal(Box<pb::GetJournalReply>),
    Desk(Vec<DeskRow>),
}

/// A mutation. The request id makes it act once however often it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Ask the channel of an order now.
    Requery {
        /// Ours.
        order_id: String,
        /// Idempotency.
        request_id: String,
    },
    /// Send a callback again.
    Replay {
        /// The callback.
        callback_id: String,
        /// Its order.
        order_id: String,
        /// Why; may be empty.
        reason: String,
        /// Idempotency.
        request_id: String,
    },
    /// Make new access passwords.
    Rotate {
        /// The app.
        client_id: String,
        /// `recharge`, `withdraw`, `trade` or `all`.
        kind: String,
        /// Why.
        reason: String,
        /// How long requests with the former password are still accepted.
        grace: Duration,
        /// Also refuse the app's tokens.
        revoke_tokens: bool,
        /// Idempotency.
        request_id: String,
    },
    /// Decide on money in suspense.
    Decide {
        /// The order it was paid for.
        order_id: String,
        /// Which of its payments.
        key: String,
        /// What to do.
        decision: Decision,
        /// Why.
        reason: String,
        /// Idempotency.
        request_id: String,
    },
    /// Say how a payout of unknown outcome ended.
    Resolve {
        /// The withdrawal.
        order_id: String,
        /// How.
        outcome: Outcome,
        /// What the provider's bill says.
        bill_line: String,
        /// Why.
        reason: String,
        /// Idempotency.
        request_id: String,
    },
}

/// How an [`Act`] ended.
#[derive(Clone, Debug)]
pub enum Acted {
    /// The channel was asked.
    Requery(Box<pb::RequeryReply>),
    /// The callback is on its way.
    Replay(Box<pb::ReplayCallbackReply>),
    /// The new passwords.
    Rotate {
        /// In the daemon's order.
        passwords: Vec<NewPassword>,
        /// The audit row.
        audit_seq: i64,
        /// How many tokens are refused from now on.
        revoked_tokens: u32,
    },
    /// The decision counts, or waits for a second operator.
    Decide(Box<pb::DecideSuspenseReply>),
    /// The payout is ended, or waits for a second operator.
    Resolve(Box<pb::ResolvePayoutReply>),
}

/// A password just made.
#[derive(Clone, Debug)]
pub struct NewPassword {
    /// The order type it is for.
    pub kind: String,
    /// Its version.
    pub version: i64,
    /// The value; empty if it was shown before.
    pub password: Secret,
}

/// Text that never shows in `Debug` and is wiped when it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a text over.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
