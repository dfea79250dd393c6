//! `service Desk`, what people decide about money: every call with the role that it needs. What it does is in its
//! group's file.

pub(super) mod payout;
mod suspense;

use serde_json::Value;
use sluice_core::money::Amount;
use sluice_core::order::AnyOrder;
use sluice_proto::v1 as pb;
use sluice_proto::v1::desk_server::Desk;
use tonic::{Request, Response, Status};

use super::act::Wish;
use super::auth::Role;
use super::orders::parse_id;
use super::service::{Answer, Service};
use super::view;
use crate::clock;
use crate::daemon::Daemon;
use crate::order::desk::Worded;
use crate::order::view::views;
use crate::store::read::proposals::Waiting;

/// The most proposals that are listed: each waits for a person.
const PROPOSALS: u32 = 500;

#[tonic::async_trait]
impl Desk for Service {
    async fn list_suspense(
        &self,
        request: Request<pb::ListSuspenseRequest>,
    ) -> Answer<pb::ListSuspenseReply> {
        let (caller, ask) = self.asked(request, Role::Viewer).await?;
        let _turn = self.heavy().await?;
        suspense::list(&self.d, caller.role, ask).await.map(Response::new)
    }

    async fn decide_suspense(
        &self,
        request: Request<pb::DecideSuspenseRequest>,
    ) -> Answer<pb::DecideSuspenseReply> {
        let (caller, ask) = self.asked(request, Role::Operator).await?;
        let role = caller.role;
        let wish = Wish::with_reason(caller, ask.request_id.clone(), &ask.reason)?;
        self.acts.once(&self.d, wish, suspense::Decide::new(ask, role)?).await.map(Response::new)
    }

    async fn resolve_payout(
        &self,
        request: Request<pb::ResolvePayoutRequest>,
    ) -> Answer<pb::ResolvePayoutReply> {
        let (caller, ask) = self.asked(request, Role::Operator).await?;
        let wish = Wish::with_reason(caller, ask.request_id.clone(), &ask.reason)?;
        self.acts.once(&self.d, wish, payout::Resolve::new(ask)?).await.map(Response::new)
    }

    async fn list_proposals(
        &self,
        request: Request<pb::ListProposalsRequest>,
    ) -> Answer<pb::ListProposalsReply> {
        let (_, ask) = self.asked(request, Role::Viewer).await?;
        let order = if ask.order_id.is_empty() { None } else { Some(parse_id(&ask.order_id)?) };
        let items = self.d.store.proposals(order, PROPOSALS).await?.into_iter().map(proposal).collect();
        Ok(Response::new(pb::ListProposalsReply { items }))
    }
}

fn proposal(waiting: Waiting) -> pb::Proposal {
    let Waiting { proposed, client_id, merchant_order_no, channel, amount } = waiting;
    pb::Proposal {
        kind: proposed.matter.kind().to_owned(),
        order_id: proposed.matter.order().to_string(),
        key: proposed.matter.key().to_owned(),
        client_id,
        merchant_order_no,
        channel,
        amount: Some(money(amount)),
        decision: proposed.decision,
        reason: proposed.reason,
        bill_line: proposed.bill_line,
        by: proposed.by,
        at_ms: proposed.at.millis(),
    }
}

fn money(amount: Amount) -> pb::Money {
    pb::Money { minor: amount.minor, currency: amount.currency.code().to_owned() }
}

async fn seen_now(d: &Daemon, order: AnyOrder) -> Result<Option<pb::OrderView>, Status> {
    Ok(views(d, vec![order], clock::now()).await?.pop().map(view::order))
}

/// Why an operator's word came to nothing.
fn refused(worded: &Worded, order_id: &str) -> Status {
    let not_now = |why: String| Status::failed_precondition(why);
    match worded {
        Worded::NoSuchOrder => super::orders::no_such_order(order_id),
        Worded::NoSuchMoney => Status::not_found("the order has no money in suspense under this key"),
        Worded::Over(state) => not_now(format!("it was decided before: it is {}", state.name())),
        Worded::Refused(why) => not_now(why.to_string()),
        Worded::Short(account, amount) => not_now(format!("{account} does not hold {amount}")),
        Worded::NoWayBack(why) => not_now(why.clone()),
        Worded::Cannot(error) => not_now(format!("the channel can't do it: {error}")),
        Worded::Done { .. } | Worded::Waits { .. } | Worded::Repeated => {
            Status::aborted("not carried out: things changed meanwhile; look, and try again")
        }
    }
}

/// A request id stands for one decision: what was said with it cannot be unsaid by saying something else.
fn same(after: &Value, decision: &str) -> Result<(), Status> {
    if after["decision"] == decision {
        return Ok(());
    }
    Err(Status::already_exists(format!("this request_id was used for {}; take another", after["decision"])))
}
