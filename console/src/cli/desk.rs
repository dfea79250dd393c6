//! `sluice desk list|decide|proposals`.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use sluice_proto::v1 as pb;

use super::confirm::confirm;
use super::output::Column;
use super::{Context, find, json};
use crate::client::{DEADLINE, answer};
use crate::exit::{Exit, Failure};
use crate::text::width::Align::{Left, Right};
use crate::text::{money, time};

/// Money that waits for people.
#[derive(Debug, Subcommand)]
pub enum Desk {
    /// List money in suspense: what waits, the oldest first
    #[command(after_help = "Examples:\n  sluice desk list\n  sluice desk list --all --app app_demo --json")]
    List(List),
    /// Decide on money in suspense
    ///
    /// Above the configured amount a second operator has to decide the same; until then it waits as a proposal, and
    /// nothing moves. Another decision takes the proposal's place. Exit code 0 in both cases; with --json, `decided`
    /// says which.
    #[command(
        after_help = "Examples:\n  sluice desk decide A-20261124-0012 2026112422001400012 --decision refund \\\n    \
                            --reason 'paid twice, the payer asks for it, INC-21'\n  \
                            sluice desk decide A-20261124-0012 2026112422001400012 --decision keep --reason INC-21 --yes"
    )]
    Decide(Decide),
    /// List decisions that wait for a second operator, on suspense and on payouts
    #[command(after_help = "Example:\n  sluice desk proposals --json")]
    Proposals,
}

/// What `desk list` filters by.
#[derive(Args, Debug)]
pub struct List {
    /// What is decided too, after what waits
    #[arg(long)]
    all: bool,
    /// Only money of this app's orders
    #[arg(long, value_name = "CLIENT_ID")]
    app: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
}

/// What to decide.
#[derive(Args, Debug)]
pub struct Decide {
    /// Any number of the order that the money was paid for
    order: String,
    /// The payment's key, as `desk list` shows it
    key: String,
    /// What to do with the money
    #[arg(long, value_enum, value_name = "DECISION")]
    decision: Decision,
    /// Why; goes into the audit log
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Don't ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// What to do with money in suspense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Decision {
    /// Credit it to the order's user; where money is missing, charge the user
    Apply,
    /// Give it back to the payer
    Refund,
    /// Leave it in suspense, knowingly
    Keep,
}

impl Decision {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Apply, Self::Refund, Self::Keep];

    /// As in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Refund => "refund",
            Self::Keep => "keep",
        }
    }

    /// Reads the API's word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.name() == name)
    }
}

impl Desk {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::List(list) => list.run(context).await,
            Self::Decide(decide) => decide.run(context).await,
            Self::Proposals => proposals(context).await,
        }
    }
}

impl List {
    async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let request = pb::ListSuspenseRequest {
            all: self.all,
            client_id: self.app.unwrap_or_default(),
            limit: self.limit,
            ..Default::default()
        };
        let items = answer(context.client.desk().list_suspense(request), DEADLINE).await?.items;
        if context.output.json {
            context.output.value(&items.iter().map(suspense).collect())?;
            return Ok(Exit::Ok);
        }
        const COLUMNS: [Column; 8] = [
            ("AGE", Right),
            ("ORDER", Left),
            ("KEY", Left),
            ("MERCHANT NO", Left),
            ("AMOUNT", Right),
            ("WHY", Left),
            ("PROPOSAL", Left),
            ("STATE", Left),
        ];
        let now = context.now();
        let row = |s: &pb::Suspense| {
            vec![
                time::age(s.at_ms, now),
                s.order_id.clone(),
                s.key.clone(),
                s.merchant_order_no.clone(),
                money::full(s.amount.as_ref()),
                s.reason.replace('_', " "),
                s.proposal.clone(),
                standing(s),
            ]
        };
        context.output.table(&COLUMNS, &items.iter().map(row).collect::<Vec<_>>())?;
        Ok(Exit::Ok)
    }
}

impl Decide {
    async fn run(self, context: &Context) -> Result<Exit, Failure> {
        context.may_change()?;
        let order_id = find::one_order_id(&self.order, context).await?;
        let key = self.key.trim();
        let s = exactly(&order_id, key, context).await?;
        let action = s.actions.iter().find(|a| a.name == self.decision.name());
        let effect = match action {
            Some(action) if action.enabled => action.effect.as_str(),
            Some(action) => return Err(Failure::new(Exit::Refused, format!("refused: {}", action.why_not))),
            None => return Err(Failure::new(Exit::Refused, format!("refused: it is {} already", s.state))),
        };
        let amount = money::full(s.amount.as_ref());
        let question = format!(
            "decides {} on {amount} ({}) of order {} of {}: {effect}{}",
            self.decision.name(),
            s.reason.replace('_', " "),
            s.merchant_order_no,
            s.client_id,
            if s.four_eyes { "; a second operator has to decide the same" } else { "" },
        );
        confirm(&question, &s.merchant_order_no, self.yes, context)?;
        let request = pb::DecideSuspenseRequest {
            request_id: context.request_id(),
            order_id,
            key: key.to_owned(),
            decision: self.decision.name().to_owned(),
            reason: self.reason,
        };
        let reply = answer(context.client.desk().decide_suspense(request), DEADLINE).await?;
        let s = reply.suspense.unwrap_or_default();
        if context.output.json {
            let mut value = suspense(&s);
            value["decided"] = json!(reply.decided);
            value["audit_seq"] = json!(reply.audit_seq);
            context.output.value(&value)?;
        } else {
            context.output.facts(&[
                ("order", s.order_id.clone()),
                ("key", s.key.clone()),
                ("amount", money::full(s.amount.as_ref())),
                ("state", standing(&s)),
                ("next", if reply.decided { String::new() } else { SECOND.to_owned() }),
                ("audit", format!("#{}", reply.audit_seq)),
            ])?;
        }
        Ok(Exit::Ok)
    }
}

/// What the first of two operators is told.
pub(super) const SECOND: &str = "another operator has to decide the same; nothing has moved yet";

/// The one payment in suspense with this key.
async fn exactly(order_id: &str, key: &str, context: &Context) -> Result<pb::Suspense, Failure> {
    let request = pb::ListSuspenseRequest {
        all: true,
        order_id: order_id.to_owned(),
        limit: 500,
        ..Default::default()
    };
    let items = answer(context.client.desk().list_suspense(request), DEADLINE).await?.items;
    items.into_iter().find(|s| s.key == key).ok_or_else(|| {
        Failure::new(Exit::NotFound, format!("nothing of {order_id} is in suspense with the key {key}"))
            .next("`sluice desk list --all` shows what is")
    })
}

async fn proposals(context: &Context) -> Result<Exit, Failure> {
    let request = pb::ListProposalsRequest::default();
    let items = answer(context.client.desk().list_proposals(request), DEADLINE).await?.items;
    if context.output.json {
        context.output.value(&items.iter().map(proposal).collect())?;
        return Ok(Exit::Ok);
    }
    const COLUMNS: [Column; 9] = [
        ("AGE", Right),
        ("KIND", Left),
        ("ORDER", Left),
        ("KEY", Left),
        ("AMOUNT", Right),
        ("DECISION", Left),
        ("BY", Left),
        ("REASON", Left),
        ("BILL LINE", Left),
    ];
    let now = context.now();
    let row = |p: &pb::Proposal| {
        vec![
            time::age(p.at_ms, now),
            p.kind.clone(),
            p.order_id.clone(),
            p.key.clone(),
            money::full(p.amount.as_ref()),
            p.decision.clone(),
            p.by.clone(),
            p.reason.clone(),
            p.bill_line.clone(),
        ]
    };
    context.output.table(&COLUMNS, &items.iter().map(row).collect::<Vec<_>>())?;
    Ok(Exit::Ok)
}

/// How far a decision is: `open, needs two`, `alice: refund, 1 of 2`, `kept by bob`.
pub(crate) fn standing(s: &pb::Suspense) -> String {
    match (&s.waiting, s.state.as_str()) {
        (Some(p), _) => format!("{}: {}, 1 of 2", p.by, p.decision),
        (None, "open") if s.four_eyes => "open, needs two".to_owned(),
        (None, state) if s.decided_by.is_empty() => state.to_owned(),
        (None, state) => format!("{state} by {}", s.decided_by.join(" and ")),
    }
}

fn suspense(s: &pb::Suspense) -> Value {
    json!({
        "order_id": s.order_id, "key": s.key, "client_id": s.client_id, "merchant_order_no": s.merchant_order_no,
        "user_ref": s.user_ref, "channel": s.channel, "amount": json::money(s.amount.as_ref()), "reason": s.reason,
        "text": s.text, "proposal": s.proposal, "evidence_id": json::text(&s.evidence_id), "state": s.state,
        "at": json::time(s.at_ms), "four_eyes": s.four_eyes, "waiting": s.waiting.as_ref().map(proposal),
        "actions": s.actions.iter().map(json::action).collect::<Vec<_>>(), "decided_by": s.decided_by,
        "decided_at": json::time(s.decided_at_ms), "decided_reason": json::text(&s.decided_reason),
    })
}

/// A decision that waits for a second operator.
pub(super) fn proposal(p: &pb::Proposal) -> Value {
    json!({
        "kind": p.kind, "order_id": p.order_id, "key": json::text(&p.key), "client_id": p.client_id,
        "merchant_order_no": p.merchant_order_no, "channel": p.channel, "amount": json::money(p.amount.as_ref()),
        "decision": p.decision, "reason": p.reason, "bill_line": json::text(&p.bill_line), "by": p.by,
        "at": json::time(p.at_ms),
    })
}
