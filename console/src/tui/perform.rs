//! Does what `update` wants of the daemon: each question and act is a task of its own whose answer is a message.

use sluice_proto::v1 as pb;
use tokio::sync::mpsc::UnboundedSender;

use super::effect::{Act, Acted, Ask, Loaded, Msg, NewPassword, Secret};
use crate::client::{Client, DEADLINE, REQUERY_WAIT, answer};
use crate::exit::Failure;

/// Rows asked for at once; the daemon's largest page.
const PAGE: u32 = 500;
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
    })
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
    })
}
