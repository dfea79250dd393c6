//! The fake's risk: one app with rules, two payees that begin alike, one frozen user, one suspension.

use sluice_proto::v1 as pb;
use sluice_proto::v1::risk_server::Risk;
use tonic::{Request, Response, Status};

use super::super::sample::{ago, money};
use super::{Service, needs_admin, role};

type Answer<T> = Result<Response<T>, Status>;

const APP: &str = "app_bookshop";

fn rules() -> pb::RiskRules {
    pb::RiskRules {
        client_id: APP.into(),
        document_json:
            r#"{"trade": {"app_daily_amount": {"CNY": 900000}}, "withdraw": {"max": {"CNY": 50000}}}"#.into(),
        version: 3,
        changed_at_ms: ago(60_000),
        changed_by: "carol".into(),
        day: "2026-11-24".into(),
        day_ends_at_ms: ago(-43_000_000),
        usage: vec![pb::RiskUsage { r#type: "trade".into(), orders: 12, amount: money(123_456) }],
    }
}

fn payee(key: &str, payable_at_ms: i64) -> pb::ListedPayee {
    pb::ListedPayee {
        key: key.into(),
        masked: "bank 622***890".into(),
        added_at_ms: ago(60_000),
        added_by: "carol".into(),
        payable_at_ms,
    }
}

fn user(user_ref: &str, state: &str) -> pb::AppUser {
    pb::AppUser {
        client_id: APP.into(),
        user_ref: user_ref.into(),
        state: state.into(),
        opened_at_ms: ago(86_400_000),
    }
}

fn suspension(client_id: &str, kind: &str) -> pb::Suspension {
    pb::Suspension {
        client_id: client_id.into(),
        r#type: kind.into(),
        at_ms: ago(60_000),
        by: "carol".into(),
        reason: "INC-60".into(),
    }
}

#[tonic::async_trait]
impl Risk for Service {
    async fn get_risk_rules(&self, request: Request<pb::GetRiskRulesRequest>) -> Answer<pb::RiskRules> {
        role(&request)?;
        match request.into_inner().client_id.as_str() {
            APP => Ok(Response::new(rules())),
            _ => Err(Status::not_found("there is no app with this client_id")),
        }
    }

    async fn set_risk_rules(
        &self,
        request: Request<pb::SetRiskRulesRequest>,
    ) -> Answer<pb::SetRiskRulesReply> {
        needs_admin(&request)?;
        let r = request.into_inner();
        self.act(format!(
            "rules {} from {} to {} because {:?}",
            r.client_id, r.version_seen, r.document_json, r.reason
        ));
        let rules = pb::RiskRules { document_json: r.document_json, version: r.version_seen + 1, ..rules() };
        Ok(Response::new(pb::SetRiskRulesReply { rules: Some(rules), audit_seq: 430 }))
    }

    async fn list_payees(&self, request: Request<pb::ListPayeesRequest>) -> Answer<pb::ListPayeesReply> {
        role(&request)?;
        let (items, next_cursor) = match request.into_inner().cursor.as_str() {
            "" => (vec![payee("8f3c21d09a1e77", ago(10_000))], "more"),
            _ => (vec![payee("8f3c21d0ffff00", ago(-3_600_000))], ""),
        };
        Ok(Response::new(pb::ListPayeesReply { items, next_cursor: next_cursor.into() }))
    }

    async fn add_payee(&self, request: Request<pb::AddPayeeRequest>) -> Answer<pb::AddPayeeReply> {
        needs_admin(&request)?;
        let r = request.into_inner();
        self.act(format!("list {} {:?} of {} because {:?}", r.kind, r.account, r.client_id, r.reason));
        let payee = Some(payee("8f3c21d09a1e77", ago(-7_200_000)));
        Ok(Response::new(pb::AddPayeeReply { payee, audit_seq: 431 }))
    }

    async fn remove_payee(&self, request: Request<pb::RemovePayeeRequest>) -> Answer<pb::RemovePayeeReply> {
        needs_admin(&request)?;
        let r = request.into_inner();
        self.act(format!("unlist {} of {} because {:?}", r.key, r.client_id, r.reason));
        Ok(Response::new(pb::RemovePayeeReply { audit_seq: 432 }))
    }

    async fn list_users(&self, request: Request<pb::ListUsersRequest>) -> Answer<pb::ListUsersReply> {
        role(&request)?;
        let r = request.into_inner();
        let all = [user("u-1", "normal"), user("u-2", "frozen")];
        let passes = |u: &pb::AppUser| {
            (r.state.is_empty() || r.state == u.state) && (!r.restricted || u.state != "normal")
        };
        let items = all.into_iter().filter(passes).collect();
        Ok(Response::new(pb::ListUsersReply { items, next_cursor: String::new() }))
    }

    async fn get_user(&self, request: Request<pb::GetUserRequest>) -> Answer<pb::GetUserReply> {
        role(&request)?;
        let user = user(&request.into_inner().user_ref, "no_pay");
        Ok(Response::new(pb::GetUserReply { user: Some(user), usage: rules().usage }))
    }

    async fn set_user_state(
        &self,
        request: Request<pb::SetUserStateRequest>,
    ) -> Answer<pb::SetUserStateReply> {
        needs_admin(&request)?;
        let r = request.into_inner();
        self.act(format!("user {} of {} is {} because {:?}", r.user_ref, r.client_id, r.state, r.reason));
        let user = Some(user(&r.user_ref, &r.state));
        Ok(Response::new(pb::SetUserStateReply { user, audit_seq: 433 }))
    }

    async fn list_suspensions(
        &self,
        request: Request<pb::ListSuspensionsRequest>,
    ) -> Answer<pb::ListSuspensionsReply> {
        role(&request)?;
        let app = request.into_inner().client_id;
        let all = [suspension("app_other", ""), suspension(APP, "withdraw")];
        let items = all.into_iter().filter(|s| app.is_empty() || s.client_id == app).collect();
        Ok(Response::new(pb::ListSuspensionsReply { items }))
    }

    async fn suspend_app(&self, request: Request<pb::SuspendAppRequest>) -> Answer<pb::SuspendAppReply> {
        needs_admin(&request)?;
        let r = request.into_inner();
        self.act(format!("suspend {:?} of {} because {:?}", r.r#type, r.client_id, r.reason));
        let suspension = Some(suspension(&r.client_id, &r.r#type));
        Ok(Response::new(pb::SuspendAppReply { suspension, audit_seq: 434 }))
    }

    async fn resume_app(&self, request: Request<pb::ResumeAppRequest>) -> Answer<pb::ResumeAppReply> {
        needs_admin(&request)?;
        let r = request.into_inner();
        self.act(format!("resume {:?} of {} because {:?}", r.r#type, r.client_id, r.reason));
        Ok(Response::new(pb::ResumeAppReply { left: vec![suspension(APP, "withdraw")], audit_seq: 435 }))
    }
}
