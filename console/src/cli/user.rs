//! `sluice user list|show|state`.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use sluice_proto::v1 as pb;

use super::confirm::confirm;
use super::output::Column;
use super::{Context, json, risk};
use crate::client::{DEADLINE, answer};
use crate::exit::{Exit, Failure};
use crate::text::time;
use crate::text::width::Align::{Left, Right};

/// Apps' users.
#[derive(Debug, Subcommand)]
pub enum User {
    /// List an app's users by name
    #[command(
        after_help = "Examples:\n  sluice user list app_demo --restricted\n  sluice user list app_demo --state frozen --json"
    )]
    List(List),
    /// Show a user: its state, and what is used of its daily limits
    #[command(after_help = "Example:\n  sluice user show app_demo u-1001")]
    Show {
        /// The app
        client_id: String,
        /// The user, as the app names it
        user_ref: String,
    },
    /// Say what a user may begin from now on; what is under way settles all the same
    #[command(
        after_help = "Examples:\n  sluice user state app_demo u-1001 --state frozen --reason 'stolen phone, INC-40'\n  \
                            sluice user state app_demo u-1001 --state normal --reason 'INC-40 closed' --yes"
    )]
    State(State),
}

/// What `user list` filters by.
#[derive(Args, Debug)]
pub struct List {
    /// The app
    client_id: String,
    /// Only users in this state
    #[arg(long, value_enum, value_name = "STATE")]
    state: Option<UserState>,
    /// Only users in another state than normal
    #[arg(long)]
    restricted: bool,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
}

/// Whose state to set.
#[derive(Args, Debug)]
pub struct State {
    /// The app
    client_id: String,
    /// The user, as the app names it; one that no order has named yet is opened
    user_ref: String,
    /// The state
    #[arg(long, value_enum, value_name = "STATE")]
    state: UserState,
    /// Why; goes into the audit log
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Don't ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// What a user may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum UserState {
    /// Everything
    Normal,
    /// No payments from the balance
    NoPay,
    /// No payouts
    NoWithdraw,
    /// Nothing new at all, neither out nor in
    Frozen,
}

impl UserState {
    /// As in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::NoPay => "no_pay",
            Self::NoWithdraw => "no_withdraw",
            Self::Frozen => "frozen",
        }
    }

    /// For the question before it is set.
    const fn effect(self) -> &'static str {
        match self {
            Self::Normal => "may begin everything again",
            Self::NoPay => "may not pay any more",
            Self::NoWithdraw => "may not withdraw any more",
            Self::Frozen => "may begin nothing any more, and is paid nothing new",
        }
    }
}

impl User {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::List(list) => list.run(context).await,
            Self::Show { client_id, user_ref } => show(client_id, user_ref, context).await,
            Self::State(state) => state.run(context).await,
        }
    }
}

impl List {
    async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let request = pb::ListUsersRequest {
            client_id: self.client_id,
            state: self.state.map_or("", UserState::name).to_owned(),
            restricted: self.restricted,
            limit: self.limit,
            ..Default::default()
        };
        let items = answer(context.client.risk().list_users(request), DEADLINE).await?.items;
        if context.output.json {
            context.output.value(&items.iter().map(user).collect())?;
            return Ok(Exit::Ok);
        }
        const COLUMNS: [Column; 3] = [("USER", Left), ("STATE", Left), ("OPENED", Right)];
        let now = context.now();
        let row = |u: &pb::AppUser| {
            vec![u.user_ref.clone(), u.state.clone(), format!("{} ago", time::age(u.opened_at_ms, now))]
        };
        context.output.table(&COLUMNS, &items.iter().map(row).collect::<Vec<_>>())?;
        Ok(Exit::Ok)
    }
}

async fn show(client_id: String, user_ref: String, context: &Context) -> Result<Exit, Failure> {
    let request = pb::GetUserRequest { client_id, user_ref };
    let reply = answer(context.client.risk().get_user(request), DEADLINE).await?;
    let found = reply.user.unwrap_or_default();
    if context.output.json {
        let mut value = user(&found);
        value["usage"] = reply.usage.iter().map(risk::usage_json).collect();
        context.output.value(&value)?;
        return Ok(Exit::Ok);
    }
    let mut facts = facts(&found, context);
    facts.extend(reply.usage.iter().map(risk::usage_fact));
    print(&facts, context)
}

impl State {
    async fn run(self, context: &Context) -> Result<Exit, Failure> {
        context.may_change()?;
        let effect = format!(
            "makes user {} of {} {}: the user {}",
            self.user_ref,
            self.client_id,
            self.state.name(),
            self.state.effect()
        );
        confirm(&effect, &self.user_ref, self.yes, context)?;
        let request = pb::SetUserStateRequest {
            request_id: context.request_id(),
            client_id: self.client_id,
            user_ref: self.user_ref,
            state: self.state.name().to_owned(),
            reason: self.reason,
        };
        let reply = answer(context.client.risk().set_user_state(request), DEADLINE).await?;
        let found = reply.user.unwrap_or_default();
        if context.output.json {
            let mut value = user(&found);
            value["audit_seq"] = json!(reply.audit_seq);
            context.output.value(&value)?;
            return Ok(Exit::Ok);
        }
        let mut facts = facts(&found, context);
        facts.push(("audit".to_owned(), format!("#{}", reply.audit_seq)));
        print(&facts, context)
    }
}

fn facts(u: &pb::AppUser, context: &Context) -> Vec<(String, String)> {
    vec![
        ("app".to_owned(), u.client_id.clone()),
        ("user".to_owned(), u.user_ref.clone()),
        ("state".to_owned(), u.state.clone()),
        ("opened".to_owned(), context.clock.long(u.opened_at_ms, context.now())),
    ]
}

fn print(facts: &[(String, String)], context: &Context) -> Result<Exit, Failure> {
    let facts: Vec<_> = facts.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    context.output.facts(&facts)?;
    Ok(Exit::Ok)
}

fn user(u: &pb::AppUser) -> Value {
    json!({"client_id": u.client_id, "user_ref": u.user_ref, "state": u.state,
           "opened_at": json::time(u.opened_at_ms)})
}
