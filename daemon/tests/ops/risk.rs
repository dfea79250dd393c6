//! Risk over gRPC: rules that somebody else has changed meanwhile, and acts that are asked for twice.

use sluice_proto::v1 as pb;
use sluice_proto::v1::risk_client::RiskClient;
use sluice_sim::stand::Stand;
use tonic::Code;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;

use crate::client::{Bearer, admin, connect, refused};
use crate::support::stand;

type Risk = RiskClient<InterceptedService<Channel, Bearer>>;

async fn risk(stand: &Stand) -> Risk {
    let token = std::fs::read_to_string(&stand.file().operator_token_file).unwrap();
    RiskClient::with_interceptor(connect(stand).await, Bearer::new(Some(token.trim())))
}

fn set(client_id: &str, request_id: &str, version_seen: i64, document: &str) -> pb::SetRiskRulesRequest {
    pb::SetRiskRulesRequest {
        request_id: request_id.to_owned(),
        client_id: client_id.to_owned(),
        document_json: document.to_owned(),
        version_seen,
        reason: "a test".to_owned(),
    }
}

fn suspend(client_id: &str, request_id: &str, order_type: &str) -> pb::SuspendAppRequest {
    pb::SuspendAppRequest {
        request_id: request_id.to_owned(),
        client_id: client_id.to_owned(),
        r#type: order_type.to_owned(),
        reason: "a test".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobodys_rules_are_overwritten_unseen_and_acts_are_done_once() {
    let stand = stand(&[]).await;
    let (app, mut risk) = (stand.file().apps[0].client_id.clone(), risk(&stand).await);
    const RULES: &str = r#"{"trade": {"user_daily_count": 3}}"#;
    let first = risk.set_risk_rules(set(&app, "r-1", 0, RULES)).await.unwrap().into_inner();
    assert_eq!(first.rules.as_ref().unwrap().version, 1);

    // Somebody who has not seen it; and several who have, at the same moment: one of them wins.
    refused(risk.set_risk_rules(set(&app, "r-2", 0, "{}")).await, Code::Aborted, "of version 1 by now");
    let documents: Vec<String> =
        (1..9).map(|n| format!(r#"{{"trade": {{"user_daily_count": {n}}}}}"#)).collect();
    let racing = documents.iter().enumerate().map(|(n, document)| {
        let (mut risk, ask) = (risk.clone(), set(&app, &format!("race-{n}"), 1, document));
        async move { risk.set_risk_rules(ask).await }
    });
    let outcomes = futures_util::future::join_all(racing).await;
    let winner = outcomes.iter().position(Result::is_ok).expect("one wins");
    for (n, outcome) in outcomes.into_iter().enumerate() {
        if n != winner {
            refused(outcome, Code::Aborted, "look");
        }
    }
    let now = risk.get_risk_rules(pb::GetRiskRulesRequest { client_id: app.clone() }).await.unwrap();
    let now = now.into_inner();
    assert_eq!((now.version, now.document_json), (2, documents[winner].replace(": ", ":")));

    // The same request again is answered from the audit log, and acts no more.
    let again = risk.set_risk_rules(set(&app, "r-1", 0, RULES)).await.unwrap().into_inner();
    assert_eq!((again.audit_seq, again.rules.unwrap().version), (first.audit_seq, 2));
    refused(risk.suspend_app(suspend(&app, "r-1", "")).await, Code::AlreadyExists, "r-1");
    let stopped = risk.suspend_app(suspend(&app, "s-1", "trade")).await.unwrap().into_inner();
    let again = risk.suspend_app(suspend(&app, "s-1", "trade")).await.unwrap().into_inner();
    assert_eq!((again.audit_seq, again.suspension), (stopped.audit_seq, stopped.suspension));
    refused(risk.suspend_app(suspend(&app, "s-2", "trade")).await, Code::FailedPrecondition, "since");
    refused(risk.suspend_app(suspend(&app, "s-3", "refund")).await, Code::InvalidArgument, "type");

    // All of it is told in the feed's events, and audited.
    let audit = admin(&stand).await.list_audit(pb::ListAuditRequest::default()).await.unwrap().into_inner();
    let actions: Vec<_> = audit.items.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(actions[..3], ["app.suspend", "risk_rules.set", "risk_rules.set"]);
    crate::support::assert_no_panic(&stand);
}
