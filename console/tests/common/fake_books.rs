//! The fake's books and its desk.

use sluice_proto::v1 as pb;
use sluice_proto::v1::desk_server::Desk;
use sluice_proto::v1::get_journal_request::Which;
use sluice_proto::v1::ledger_server::Ledger;
use tonic::{Request, Response, Status};

use super::super::sample::books;
use super::{Service, find, needs_admin, role};

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl Ledger for Service {
    async fn list_accounts(
        &self,
        request: Request<pb::ListAccountsRequest>,
    ) -> Answer<pb::ListAccountsReply> {
        role(&request)?;
        let r = request.into_inner();
        let passes = |a: &pb::Account| a.account.starts_with(&r.prefix) && a.account.contains(&r.text);
        // Pages of at most three, so that paging is needed.
        let from: usize = r.cursor.parse().unwrap_or(0);
        let all: Vec<_> = books::accounts().into_iter().filter(passes).collect();
        let next_cursor = if from + 3 < all.len() { (from + 3).to_string() } else { String::new() };
        let items = all.into_iter().skip(from).take(3.min(r.limit as usize)).collect();
        Ok(Response::new(pb::ListAccountsReply { items, next_cursor }))
    }

    async fn get_statement(&self, request: Request<pb::GetStatementRequest>) -> Answer<pb::Statement> {
        role(&request)?;
        let r = request.into_inner();
        match (r.account.as_str(), r.cursor.as_str()) {
            (books::ACCOUNT, "") => Ok(Response::new(books::statement())),
            (books::ACCOUNT, _) => Ok(Response::new(books::older_statement())),
            (other, _) => Err(Status::not_found(other)),
        }
    }

    async fn get_journal(&self, request: Request<pb::GetJournalRequest>) -> Answer<pb::GetJournalReply> {
        role(&request)?;
        let mut reply = books::journals();
        match request.into_inner().which {
            Some(Which::JournalId(id)) => reply.items.retain(|j| j.journal_id == id),
            Some(Which::OrderId(id)) => reply.items.retain(|j| j.order_id == id),
            None => return Err(Status::invalid_argument("order_id or journal_id")),
        }
        Ok(Response::new(reply))
    }

    /// Proving finds what the sums alone do not show.
    async fn get_trial_balance(
        &self,
        request: Request<pb::GetTrialBalanceRequest>,
    ) -> Answer<pb::TrialBalance> {
        role(&request)?;
        let prove = request.into_inner().prove;
        Ok(Response::new(if prove { books::broken_trial() } else { books::trial() }))
    }
}

#[tonic::async_trait]
impl Desk for Service {
    async fn list_suspense(
        &self,
        request: Request<pb::ListSuspenseRequest>,
    ) -> Answer<pb::ListSuspenseReply> {
        role(&request)?;
        let r = request.into_inner();
        let passes = |s: &pb::Suspense| {
            (r.all || s.state != "kept")
                && (r.order_id.is_empty() || r.order_id == s.order_id)
                && (r.client_id.is_empty() || r.client_id == s.client_id)
        };
        let items = books::suspense().into_iter().filter(passes).collect();
        Ok(Response::new(pb::ListSuspenseReply { items, next_cursor: String::new() }))
    }

    /// What bob has decided is carried out by the same again; all else counts at once where one operator suffices.
    async fn decide_suspense(
        &self,
        request: Request<pb::DecideSuspenseRequest>,
    ) -> Answer<pb::DecideSuspenseReply> {
        needs_admin(&request)?;
        let r = request.into_inner();
        assert!(!r.request_id.is_empty() && !r.reason.is_empty());
        let found = books::suspense().into_iter().find(|s| (&s.order_id, &s.key) == (&r.order_id, &r.key));
        let mut suspense = found.ok_or_else(|| Status::not_found("suspense"))?;
        self.act(format!("decide {} on {} {} because {:?}", r.decision, r.order_id, r.key, r.reason));
        let decided = match &suspense.waiting {
            Some(first) => first.decision == r.decision,
            None => !suspense.four_eyes,
        };
        if decided {
            suspense.state = if r.decision == "refund" { "refunding" } else { "kept" }.into();
            suspense.decided_by =
                suspense.waiting.take().into_iter().map(|p| p.by).chain(["alice".into()]).collect();
        } else if let Some(waiting) = &mut suspense.waiting {
            (waiting.decision, waiting.by) = (r.decision, "alice".into());
        }
        Ok(Response::new(pb::DecideSuspenseReply { decided, suspense: Some(suspense), audit_seq: 423 }))
    }

    async fn resolve_payout(
        &self,
        request: Request<pb::ResolvePayoutRequest>,
    ) -> Answer<pb::ResolvePayoutReply> {
        needs_admin(&request)?;
        let r = request.into_inner();
        assert!(!r.request_id.is_empty() && !r.reason.is_empty());
        let mut order = find(&r.order_id).pop().ok_or_else(|| Status::not_found("order"))?;
        let (outcome, line) = (&r.outcome, &r.bill_line);
        self.act(format!("resolve {} as {outcome} by {line:?} because {:?}", r.order_id, r.reason));
        let mut waiting = books::proposed_payout();
        let resolved = waiting.decision == r.outcome;
        if resolved {
            let order = order.order.as_mut().unwrap();
            (order.state, order.state_name) = (3, "paid".into());
        } else {
            (waiting.decision, waiting.bill_line, waiting.by) = (r.outcome, r.bill_line, "alice".into());
        }
        let waiting = (!resolved).then_some(waiting);
        Ok(Response::new(pb::ResolvePayoutReply { resolved, waiting, order: Some(order), audit_seq: 424 }))
    }

    async fn list_proposals(
        &self,
        request: Request<pb::ListProposalsRequest>,
    ) -> Answer<pb::ListProposalsReply> {
        role(&request)?;
        let of_suspense = books::suspense().into_iter().filter_map(|s| s.waiting);
        let items = of_suspense.chain([books::proposed_payout()]).collect();
        Ok(Response::new(pb::ListProposalsReply { items }))
    }
}
