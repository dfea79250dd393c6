//! One transaction's worth of writing: a decision of the core, and what the edge adds to it.

use serde_json::Value;
use sluice_core::change::{Change, Guard};
use sluice_core::fee::Tariff;
use sluice_core::risk::Day;
use sluice_core::signing::OrderType;
use sluice_core::time::Timestamp;

use super::desk::DeskRecord;
use super::risk::RiskRecord;

/// What is written together, or not at all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unit {
    /// The decision.
    pub(crate) change: Change,
    /// What the edge adds: evidence, credentials, audit.
    pub(crate) records: Vec<Record>,
    /// A person's act. The same operator and request id again is [`Outcome::Repeated`].
    pub(crate) audit: Option<AuditDraft>,
}

impl From<Change> for Unit {
    fn from(change: Change) -> Self {
        Self { change, ..Self::default() }
    }
}

/// What came of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Written; the audit row's number, if there is one.
    Done { audit_seq: Option<i64> },
    /// A guard did not hold; nothing is written.
    Refused(Guard),
    /// This operator's request was carried out before; nothing is written again.
    Repeated,
}

/// Rows that the core does not know.
#[derive(Clone, Debug)]
pub(crate) enum Record {
    Evidence(Evidence),
    CallbackTried(CallbackTried),
    CallbackReplayed {
        callback_id: String,
        by: String,
    },
    Merchant {
        merchant_id: String,
        name: String,
        at: Timestamp,
    },
    App(NewApp),
    MerchantKey(NewMerchantKey),
    RevokeMerchantKey {
        client_id: String,
        key_id: String,
        at: Timestamp,
    },
    Token {
        digest: String,
        client_id: String,
        at: Timestamp,
        expires_at: Timestamp,
    },
    RevokeTokens {
        client_id: String,
        at: Timestamp,
    },
    Password(NewPassword),
    PasswordUsed {
        client_id: String,
        order_type: OrderType,
        version: i64,
        at: Timestamp,
    },
    WalletKey(NewWalletKey),
    Operator {
        name: String,
        role: String,
        token_digest: String,
        at: Timestamp,
        expires_at: Option<Timestamp>,
    },
    DisableOperator {
        name: String,
        at: Timestamp,
    },
    Tariff {
        client_id: String,
        order_type: OrderType,
        channel: String,
        starts_at: Timestamp,
        tariff: Tariff,
    },
    /// Whether a refund takes the app's money where the user's does not suffice.
    AppRefunds {
        client_id: String,
        app_helps: bool,
    },
    /// What operators decide about money.
    Desk(DeskRecord),
    /// What operators decide about risk.
    Risk(RiskRecord),
    /// Every lease is over: the one process that works on this database has just started.
    ReleaseLeases,
    /// Rows whose time is over.
    Expire {
        nonces_before: Timestamp,
        evidence_before: Timestamp,
        events_before: Timestamp,
        /// Counters of risk rules.
        usage_before: Day,
    },
}

/// One exchange with a channel, sealed.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    pub(crate) evidence_id: String,
    pub(crate) order_id: Option<String>,
    pub(crate) channel: String,
    pub(crate) op: &'static str,
    pub(crate) at: Timestamp,
    pub(crate) latency_ms: i64,
    pub(crate) http_status: Option<u16>,
    pub(crate) request: Vec<u8>,
    pub(crate) response: Vec<u8>,
    pub(crate) error: String,
}

/// One sending of a callback.
#[derive(Clone, Debug)]
pub(crate) struct CallbackTried {
    pub(crate) callback_id: String,
    pub(crate) at: Timestamp,
    pub(crate) latency_ms: i64,
    pub(crate) status: Option<u16>,
    /// Empty: acknowledged.
    pub(crate) error: &'static str,
    pub(crate) detail: String,
    pub(crate) body: Vec<u8>,
    pub(crate) key_id: String,
    pub(crate) password_version: i64,
    /// The schedule is used up.
    pub(crate) stuck: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct NewApp {
    pub(crate) client_id: String,
    pub(crate) merchant_id: String,
    pub(crate) name: String,
    pub(crate) secret_digest: String,
    pub(crate) callback_url: Option<String>,
    pub(crate) at: Timestamp,
}

#[derive(Clone, Debug)]
pub(crate) struct NewMerchantKey {
    pub(crate) client_id: String,
    pub(crate) key_id: String,
    pub(crate) spki_der: Vec<u8>,
    pub(crate) fingerprint: String,
    pub(crate) bits: i64,
    pub(crate) at: Timestamp,
    pub(crate) not_after: Option<Timestamp>,
}

/// A new version of an access password; the former one ends, or is accepted until `former_grace_until`.
#[derive(Clone, Debug)]
pub(crate) struct NewPassword {
    pub(crate) client_id: String,
    pub(crate) order_type: OrderType,
    pub(crate) version: i64,
    pub(crate) sealed: Vec<u8>,
    pub(crate) digest: String,
    pub(crate) at: Timestamp,
    pub(crate) former_grace_until: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub(crate) struct NewWalletKey {
    pub(crate) key_id: String,
    pub(crate) sealed: Vec<u8>,
    pub(crate) spki_pem: String,
    pub(crate) not_before: Timestamp,
    pub(crate) former: Option<(String, String)>,
    pub(crate) at: Timestamp,
}

/// A row of the audit log before it has its place in the chain.
#[derive(Clone, Debug)]
pub(crate) struct AuditDraft {
    pub(crate) at: Timestamp,
    pub(crate) operator: String,
    pub(crate) role: String,
    pub(crate) action: &'static str,
    pub(crate) target: String,
    pub(crate) reason: String,
    pub(crate) before: Value,
    pub(crate) after: Value,
    pub(crate) request_id: String,
}

/// A task that was leased to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LeasedTask {
    pub(crate) id: sluice_core::change::TaskId,
    pub(crate) lane: String,
    pub(crate) attempt: u32,
    pub(crate) fence: i64,
}

/// Which due tasks to lease.
#[derive(Clone, Debug)]
pub(crate) struct LeaseRequest {
    pub(crate) now: Timestamp,
    pub(crate) until: Timestamp,
    pub(crate) owner: String,
    /// From which lanes, and at most how many of each.
    pub(crate) lanes: Vec<(String, usize)>,
}
