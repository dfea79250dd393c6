//! Apps' users: who is restricted, and who may begin what.

use std::sync::Arc;

use serde_json::json;
use sluice_core::risk::{Day, UserState};
use sluice_proto::v1 as pb;
use tonic::Status;

use super::usage;
use crate::clock;
use crate::daemon::Daemon;
use crate::ops::act::Deed;
use crate::ops::cursor::{page, page_key, page_size};
use crate::ops::transaction::{no_such_app, told, write};
use crate::store::read::audit::AuditRow;
use crate::store::read::risk::{UserFilter, UserRow};
use crate::store::risk::RiskRecord;
use crate::store::unit::{AuditDraft, Record};

/// The longest name of a user, in characters; as the merchant API has it.
const LONGEST: usize = 64;

pub(super) async fn list(d: &Daemon, ask: pb::ListUsersRequest) -> Result<pb::ListUsersReply, Status> {
    if !d.store.is_app(&ask.client_id).await? {
        return Err(no_such_app());
    }
    let size = page_size(ask.limit);
    let filter = UserFilter {
        client_id: ask.client_id,
        state: if ask.state.is_empty() { None } else { Some(state(&ask.state)?) },
        restricted: ask.restricted,
        after: page_key(&ask.cursor)?.unwrap_or_default(),
        limit: size + 1,
    };
    let rows = d.store.app_users(&filter).await?;
    let (rows, next_cursor) = page(rows, size, |row| row.user_ref.clone());
    Ok(pb::ListUsersReply { items: rows.into_iter().map(message).collect(), next_cursor })
}

pub(super) async fn get(d: &Daemon, client_id: &str, user_ref: &str) -> Result<pb::GetUserReply, Status> {
    let user = d.store.app_user(client_id, user_ref).await?;
    let user = user.ok_or_else(|| Status::not_found("no order of this app has named such a user"))?;
    let today = Day::of(clock::now(), d.config.risk.day_offset);
    let used = d.store.risk_usage(client_id, Some(user_ref), today).await?;
    Ok(pb::GetUserReply { user: Some(message(user)), usage: used.into_iter().map(usage).collect() })
}

fn message(row: UserRow) -> pb::AppUser {
    pb::AppUser {
        client_id: row.client_id,
        user_ref: row.user_ref,
        state: row.state.name().to_owned(),
        opened_at_ms: row.opened_at.millis(),
    }
}

fn state(name: &str) -> Result<UserState, Status> {
    UserState::from_name(name)
        .ok_or_else(|| Status::invalid_argument("state: normal, no_pay, no_withdraw or frozen"))
}

/// What a user may begin from now on.
pub(super) struct SetState {
    client_id: String,
    user_ref: String,
    state: UserState,
}

impl SetState {
    pub(super) fn new(ask: pb::SetUserStateRequest) -> Result<Self, Status> {
        let visible = |c: char| !c.is_whitespace() && !c.is_control();
        let length = ask.user_ref.chars().count();
        if !(1..=LONGEST).contains(&length) || !ask.user_ref.chars().all(visible) {
            return Err(Status::invalid_argument(format!("user_ref: 1 to {LONGEST} visible characters")));
        }
        Ok(Self { state: state(&ask.state)?, client_id: ask.client_id, user_ref: ask.user_ref })
    }
}

impl Deed for SetState {
    const ACTION: &'static str = "user.state";
    type Reply = pb::SetUserStateReply;

    fn target(&self) -> String {
        format!("{} {}", self.client_id, self.user_ref)
    }

    async fn carry_out(&self, d: &Arc<Daemon>, mut audit: AuditDraft) -> Result<Option<Self::Reply>, Status> {
        if !d.store.is_app(&self.client_id).await? {
            return Err(no_such_app());
        }
        let before = d.store.app_user(&self.client_id, &self.user_ref).await?;
        if before.as_ref().is_some_and(|user| user.state == self.state) {
            return Err(Status::failed_precondition(format!("this user is {} already", self.state.name())));
        }
        let (client_id, user_ref, at) = (self.client_id.clone(), self.user_ref.clone(), clock::now());
        let (by, state) = (audit.operator.clone(), self.state);
        audit.before = json!({"state": before.map(|user| user.state.name())});
        audit.after = json!({"state": state.name()});
        let summary = format!("user {user_ref} of {client_id} is {}, by {by}", state.name());
        let detail = json!({"user_ref": user_ref, "state": state.name(), "by": by});
        let told = told("user.state", summary, &client_id, detail, at);
        let record = RiskRecord::UserState { client_id, user_ref, state, at };
        let Some(audit_seq) = write(d, vec![], vec![Record::Risk(record)], told, audit).await? else {
            return Ok(None);
        };
        self.reply(d, audit_seq).await.map(Some)
    }

    async fn repeat(&self, d: &Arc<Daemon>, row: AuditRow) -> Result<Self::Reply, Status> {
        self.reply(d, row.seq).await
    }
}

impl SetState {
    async fn reply(&self, d: &Daemon, audit_seq: i64) -> Result<pb::SetUserStateReply, Status> {
        let user = get(d, &self.client_id, &self.user_ref).await?.user;
        Ok(pb::SetUserStateReply { user, audit_seq })
    }
}
