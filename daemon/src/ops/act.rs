//! What changes something: carried out once per request id, to its end even if the caller hangs up, and audited.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde_json::json;
use tonic::Status;

use super::auth::Caller;
use super::status::internal;
use crate::clock;
use crate::daemon::Daemon;
use crate::store::read::audit::AuditRow;
use crate::store::unit::AuditDraft;

/// The longest reason and request id.
const MAX_REASON: usize = 500;
const MAX_REQUEST_ID: usize = 128;

/// One kind of act: plain fields, checked before it begins.
pub(super) trait Deed: Send + Sync + 'static {
    /// As in the audit log.
    const ACTION: &'static str;
    /// What the caller gets.
    type Reply: Send + 'static;

    /// What it acts on, as in the audit log.
    fn target(&self) -> String;

    /// Does it, writing the audit row in the same transaction. `None`: another copy of the request was quicker.
    fn carry_out(
        &self,
        d: &Arc<Daemon>,
        audit: AuditDraft,
    ) -> impl Future<Output = Result<Option<Self::Reply>, Status>> + Send;

    /// The answer if it was carried out before, from the audit row that was written then.
    fn repeat(
        &self,
        d: &Arc<Daemon>,
        row: AuditRow,
    ) -> impl Future<Output = Result<Self::Reply, Status>> + Send;
}

/// A wish as it came with its request.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) caller: Caller,
    pub(super) request_id: String,
    pub(super) reason: String,
}

impl Wish {
    /// An act for which no reason has to be given.
    pub(super) fn new(caller: Caller, request_id: String, reason: &str) -> Result<Self, Status> {
        if request_id.is_empty() {
            return Err(Status::invalid_argument("request_id: needed, so that a repeated call acts once"));
        }
        if request_id.len() > MAX_REQUEST_ID || !request_id.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Status::invalid_argument(format!(
                "request_id: 1 to {MAX_REQUEST_ID} visible ASCII characters"
            )));
        }
        let reason = reason.trim();
        if reason.chars().count() > MAX_REASON || reason.chars().any(char::is_control) {
            return Err(Status::invalid_argument(format!(
                "reason: one line of at most {MAX_REASON} characters"
            )));
        }
        Ok(Self { caller, request_id, reason: reason.to_owned() })
    }

    /// An act that must have a reason.
    pub(super) fn with_reason(caller: Caller, request_id: String, reason: &str) -> Result<Self, Status> {
        let wish = Self::new(caller, request_id, reason)?;
        if wish.reason.is_empty() {
            return Err(Status::invalid_argument("reason: needed, it goes into the audit log"));
        }
        Ok(wish)
    }
}

/// The acts that are under way in this process.
#[derive(Default)]
pub(super) struct Acts {
    /// By operator and request id.
    turns: Mutex<HashMap<(String, String), Weak<Turn>>>,
}

/// Held while a request is carried out.
type Turn = tokio::sync::Mutex<()>;

/// Turns that are remembered before those are forgotten that nobody holds.
const TURNS: usize = 1024;

impl Acts {
    /// Carries out a deed, or finds that it was carried out before.
    pub(super) async fn once<D: Deed>(
        self: &Arc<Self>,
        d: &Arc<Daemon>,
        wish: Wish,
        deed: D,
    ) -> Result<D::Reply, Status> {
        let (acts, daemon) = (self.clone(), d.clone());
        // Detached from the call: what an operator began comes to its end, and into the audit log.
        let doing = d.under_way.spawn(async move { acts.once_here(&daemon, wish, deed).await });
        doing.await.unwrap_or_else(|error| Err(internal(&error)))
    }

    async fn once_here<D: Deed>(&self, d: &Arc<Daemon>, wish: Wish, deed: D) -> Result<D::Reply, Status> {
        // The same request twice at once: the second waits for the first, and finds its audit row.
        let turn = self.turn(&wish);
        let _held = turn.lock().await;
        if let Some(row) = earlier(d, &wish, &deed).await? {
            return deed.repeat(d, row).await;
        }
        let audit = AuditDraft {
            at: clock::now(),
            operator: wish.caller.name.clone(),
            role: wish.caller.role.name().to_owned(),
            action: D::ACTION,
            target: deed.target(),
            reason: wish.reason.clone(),
            before: json!({}),
            after: json!({}),
            request_id: wish.request_id.clone(),
        };
        if let Some(reply) = deed.carry_out(d, audit).await? {
            tracing::info!(
                operator = wish.caller.name,
                action = D::ACTION,
                target = deed.target(),
                request_id = wish.request_id,
                "an operator acted"
            );
            return Ok(reply);
        }
        match earlier(d, &wish, &deed).await? {
            Some(row) => deed.repeat(d, row).await,
            None => Err(Status::aborted("not carried out: things changed meanwhile; look, and try again")),
        }
    }

    fn turn(&self, wish: &Wish) -> Arc<Turn> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.len() >= TURNS {
            turns.retain(|_, turn| turn.strong_count() > 0);
        }
        let slot = turns.entry((wish.caller.name.clone(), wish.request_id.clone())).or_default();
        slot.upgrade().unwrap_or_else(|| {
            let turn = Arc::default();
            *slot = Arc::downgrade(&turn);
            turn
        })
    }
}

/// The audit row of this very request, if there is one.
async fn earlier<D: Deed>(d: &Daemon, wish: &Wish, deed: &D) -> Result<Option<AuditRow>, Status> {
    let row = d.store.audit_of_request(&wish.caller.name, &wish.request_id).await?;
    match row {
        Some(row) if row.action != D::ACTION || row.target != deed.target() => {
            Err(Status::already_exists(format!(
                "request_id {} was used for {} of {}; take another",
                wish.request_id, row.action, row.target
            )))
        }
        row => Ok(row),
    }
}
