//! Does what `update` wants of the daemon: each question and act is a task of its own whose answer is a message.

use sluice_proto::v1 as pb;
use sluice_proto::v1::get_journal_request::Which;
use tokio::sync::mpsc::UnboundedSender;

use super::effect::{Act, Acted, Ask, Loaded, Msg, NewPassword, Secret};
use crate::client::{Client, DEADLINE, PROOF_WAIT, REQUERY_WAIT, answer};
use crate::exit::Failure;
use crate::tui::state::desk::DeskRow;

/// Rows asked for at once; the daemon's largest page.
const PAGE: u32 = 500;
/// Lines of a statement asked for at once.
const LINES: u32 = 100;
/// Audit rows asked for at once.
const AUDIT_PAGE: u32 = 200;

/// Somebody who answers questions and performs acts. Each call is answered by exactly one message.
pub trait Work {
    /// Answers a question.
    fn ask(&self, ask: Ask, answers: UnboundedSender<Msg>);
    /// Performs an act.
    fn act(&self, act: Act, answers: UnboundedSender<Msg>);
}

impl Work for Client {
    fn ask(&self, ask: Ask, answers: UnboundedSender<Msg>) {
        let client = self.clone();
        tokio::spawn(async move {
            let answer = load(&client, &ask).await;
            // Nobody listens any more when the console is closing.
            let _ = answers.send(Msg::Loaded(ask, answer));
        });
    }

    fn act(&self, act: Act, answers: UnboundedSender<Msg>) {
        let client = self.clone();
        tokio::spawn(async move {
            let answer = perform(&client, &act).await;
            let _ = answers.send(Msg::Acted(act, answer));
        });
    }
}

async fn load(client: &Client, ask: &Ask) -> Result<Loaded, Failure> {
    let mut ops = client.ops();
    Ok(match ask.clone() {
        Ask::Overview => {
            Loaded::Overview(Box::new(answer(ops.overview(pb::OverviewRequest {}), DEADLINE).await?))
        }
        Ask::Limbo => {
            let request = pb::ListOrdersRequest { limbo: true, limit: PAGE, ..Default::default() };
            Loaded::Orders(answer(ops.list_orders(request), DEADLINE).await?.items)
        }
        Ask::Search(text) => {
            let request = pb::ListOrdersRequest { text, limit: PAGE, ..Default::default() };
            Loaded::Orders(answer(ops.list_orders(request), DEADLINE).await?.items)
        }
        Ask::Find(number) => {
            Loaded::Orders(answer(ops.find_orders(pb::FindOrdersRequest { number }), DEADLINE).await?.items)
        }
        Ask::Callbacks => {
            let request = pb::ListCallbacksRequest { stuck: true, limit: PAGE, ..Default::default() };
            Loaded::Callbacks(answer(ops.list_callbacks(request), DEADLINE).await?.items)
        }
        Ask::Channels => {
            Loaded::Channels(answer(ops.list_channels(pb::ListChannelsRequest {}), DEADLINE).await?.items)
        }
        Ask::Apps => {
            Loaded::Apps(answer(ops.list_apps(pb::ListAppsRequest::default()), DEADLINE).await?.items)
        }
        Ask::Audit => {
            let request = pb::ListAuditRequest { limit: AUDIT_PAGE, ..Default::default() };
            Loaded::Audit(answer(ops.list_audit(request), DEADLINE).await?.items)
        }
        Ask::Order(order_id) => {
            Loaded::Order(Box::new(answer(ops.get_order(pb::GetOrderRequest { order_id }), DEADLINE).await?))
        }
        Ask::Callback(callback_id) => {
            let request = pb::GetCallbackRequest { callback_id };
            Loaded::Callback(Box::new(answer(ops.get_callback(request), DEADLINE).await?))
        }
        Ask::Evidence(evidence_id) => {
            let request = pb::GetEvidenceRequest { evidence_id };
            Loaded::Evidence(Box::new(answer(ops.get_evidence(request), DEADLINE).await?))
        }
        Ask::Accounts(text) => {
            let request = pb::ListAccountsRequest { text, limit: PAGE, ..Default::default() };
            Loaded::Accounts(Box::new(answer(client.ledger().list_accounts(request), DEADLINE).await?))
        }
        Ask::Trial { prove } => {
            let request = pb::GetTrialBalanceRequest { prove };
            let deadline = if prove { PROOF_WAIT } else { DEADLINE };
            Loaded::Trial(Box::new(answer(client.ledger().get_trial_balance(request), deadline).await?))
        }
        Ask::Statement { account, currency, cursor } => {
            let request =
                pb::GetStatementRequest { account, currency, cursor, limit: LINES, ..Default::default() };
            Loaded::Statement(Box::new(answer(client.ledger().get_statement(request), DEADLINE).await?))
        }
        Ask::Journal(order_id) => {
            let request = pb::GetJournalRequest { which: Some(Which::OrderId(order_id)) };
            Loaded::Journal(Box::new(answer(client.ledger().get_journal(request), DEADLINE).await?))
        }
        Ask::Desk => Loaded::Desk(desk(client).await?),
    })
}

/// Money in suspense, and the payouts that wait for a second operator.
async fn desk(client: &Client) -> Result<Vec<DeskRow>, Failure> {
    let mut desk = client.desk();
    let request = pb::ListSuspenseRequest { all: true, limit: PAGE, ..Default::default() };
    let suspense = answer(desk.list_suspense(request), DEADLINE).await?.items;
    let proposals = answer(desk.list_proposals(pb::ListProposalsRequest::default()), DEADLINE).await?.items;
    // Of suspense the row itself says what waits.
    let payouts = proposals.into_iter().filter(|p| p.kind == "payout");
    Ok(suspense.into_iter().map(DeskRow::from).chain(payouts.map(DeskRow::from)).collect())
}

async fn perform(client: &Client, act: &Act) -> Result<Acted, Failure> {
    let mut ops = client.ops();
    Ok(match act.clone() {
        Act::Requery { order_id, request_id } => {
            let wait_ms = u32::try_from(REQUERY_WAIT.as_millis()).unwrap_or(10_000);
            let request = pb::RequeryRequest { request_id, order_id, wait_ms };
            Acted::Requery(Box::new(answer(ops.requery(request), REQUERY_WAIT + DEADLINE).await?))
        }
        Act::Replay { callback_id, reason, request_id, .. } => {
            let request = pb::ReplayCallbackRequest { request_id, callback_id, reason };
            Acted::Replay(Box::new(answer(ops.replay_callback(request), DEADLINE).await?))
        }
        Act::Rotate { client_id, kind, reason, grace, revoke_tokens, request_id } => {
            let request = pb::RotatePasswordRequest {
                request_id,
                client_id,
                r#type: kind,
                reason,
                grace_ms: u64::try_from(grace.as_millis()).unwrap_or(u64::MAX),
                revoke_tokens,
            };
            let reply = answer(ops.rotate_password(request), DEADLINE).await?;
            let take = |p: pb::NewPassword| NewPassword {
                kind: p.r#type,
                version: p.version,
                password: Secret::new(p.password),
            };
            Acted::Rotate {
                passwords: reply.passwords.into_iter().map(take).collect(),
                audit_seq: reply.audit_seq,
                revoked_tokens: reply.revoked_tokens,
            }
        }
        Act::Decide { order_id, key, decision, reason, request_id } => {
            let decision = decision.name().to_owned();
            let request = pb::DecideSuspenseRequest { request_id, order_id, key, decision, reason };
            Acted::Decide(Box::new(answer(client.desk().decide_suspense(request), DEADLINE).await?))
        }
        Act::Resolve { order_id, outcome, bill_line, reason, request_id } => {
            let outcome = outcome.name().to_owned();
            let request = pb::ResolvePayoutRequest { request_id, order_id, outcome, bill_line, reason };
            Acted::Resolve(Box::new(answer(client.desk().resolve_payout(request), DEADLINE).await?))
        }
    })
}
