//! The operators' calls about risk, each with the role that it needs. What they do is in their groups' files.

mod payees;
mod rules;
mod suspensions;
mod users;

use std::sync::Arc;

use sluice_core::signing::OrderType;
use sluice_proto::v1 as pb;
use sluice_proto::v1::risk_server::{Risk, RiskServer};
use tonic::{Request, Response, Status};

use super::act::{Acts, Wish};
use super::auth::{Caller, Role, authorize};
use crate::daemon::Daemon;
use crate::store::read::risk::UsageRow;

/// The service as it is added to the others.
pub(super) type Server = RiskServer<Service>;

/// The service; its acts are told apart from those of the others by the same request ids.
pub(super) fn service(d: &Arc<Daemon>, acts: &Arc<Acts>) -> Server {
    RiskServer::new(Service { d: d.clone(), acts: acts.clone() })
}

pub(super) struct Service {
    d: Arc<Daemon>,
    acts: Arc<Acts>,
}

type Answer<T> = Result<Response<T>, Status>;

impl Service {
    /// The caller, who must have a role, and what is asked.
    async fn asked<T>(&self, request: Request<T>, needed: Role) -> Result<(Caller, T), Status> {
        let caller = authorize(&self.d, request.metadata(), needed).await?;
        Ok((caller, request.into_inner()))
    }
}

#[tonic::async_trait]
impl Risk for Service {
    async fn get_risk_rules(&self, request: Request<pb::GetRiskRulesRequest>) -> Answer<pb::RiskRules> {
        let (_, ask) = self.asked(request, Role::Viewer).await?;
        rules::get(&self.d, &ask.client_id).await.map(Response::new)
    }

    async fn set_risk_rules(
        &self,
        request: Request<pb::SetRiskRulesRequest>,
    ) -> Answer<pb::SetRiskRulesReply> {
        let (caller, ask) = self.asked(request, Role::Admin).await?;
        let wish = Wish::with_reason(caller, ask.request_id.clone(), &ask.reason)?;
        self.acts.once(&self.d, wish, rules::SetRules::new(ask)?).await.map(Response::new)
    }

    async fn list_payees(&self, request: Request<pb::ListPayeesRequest>) -> Answer<pb::ListPayeesReply> {
        let (_, ask) = self.asked(request, Role::Viewer).await?;
        payees::list(&self.d, ask).await.map(Response::new)
    }

    async fn add_payee(&self, request: Request<pb::AddPayeeRequest>) -> Answer<pb::AddPayeeReply> {
        let (caller, ask) = self.asked(request, Role::Admin).await?;
        let wish = Wish::with_reason(caller, ask.request_id.clone(), &ask.reason)?;
        self.acts.once(&self.d, wish, payees::AddPayee::new(ask)?).await.map(Response::new)
    }

    async fn remove_payee(&self, request: Request<pb::RemovePayeeRequest>) -> Answer<pb::RemovePayeeReply> {
        let (caller, ask) = self.asked(request, Role::Admin).await?;
        let wish = Wish::with_reason(caller, ask.request_id, &ask.reason)?;
        let deed = payees::RemovePayee { client_id: ask.client_id, key: ask.key };
        self.acts.once(&self.d, wish, deed).await.map(Response::new)
    }

    async fn list_users(&self, request: Request<pb::ListUsersRequest>) -> Answer<pb::ListUsersReply> {
        let (_, ask) = self.asked(request, Role::Viewer).await?;
        users::list(&self.d, ask).await.map(Response::new)
    }

    async fn get_user(&self, request: Request<pb::GetUserRequest>) -> Answer<pb::GetUserReply> {
        let (_, ask) = self.asked(request, Role::Viewer).await?;
        users::get(&self.d, &ask.client_id, &ask.user_ref).await.map(Response::new)
    }

    async fn set_user_state(
        &self,
        request: Request<pb::SetUserStateRequest>,
    ) -> Answer<pb::SetUserStateReply> {
        let (caller, ask) = self.asked(request, Role::Operator).await?;
        let wish = Wish::with_reason(caller, ask.request_id.clone(), &ask.reason)?;
        self.acts.once(&self.d, wish, users::SetState::new(ask)?).await.map(Response::new)
    }

    async fn list_suspensions(
        &self,
        request: Request<pb::ListSuspensionsRequest>,
    ) -> Answer<pb::ListSuspensionsReply> {
        let (_, ask) = self.asked(request, Role::Viewer).await?;
        let items = suspensions::of(&self.d, &ask.client_id).await?;
        Ok(Response::new(pb::ListSuspensionsReply { items }))
    }

    async fn suspend_app(&self, request: Request<pb::SuspendAppRequest>) -> Answer<pb::SuspendAppReply> {
        let (caller, ask) = self.asked(request, Role::Operator).await?;
        let wish = Wish::with_reason(caller, ask.request_id, &ask.reason)?;
        let deed = suspensions::Suspend { client_id: ask.client_id, order_type: order_type(&ask.r#type)? };
        self.acts.once(&self.d, wish, deed).await.map(Response::new)
    }

    async fn resume_app(&self, request: Request<pb::ResumeAppRequest>) -> Answer<pb::ResumeAppReply> {
        let (caller, ask) = self.asked(request, Role::Operator).await?;
        let wish = Wish::with_reason(caller, ask.request_id, &ask.reason)?;
        let deed = suspensions::Resume { client_id: ask.client_id, order_type: order_type(&ask.r#type)? };
        self.acts.once(&self.d, wish, deed).await.map(Response::new)
    }
}

/// An order type, or '' for the whole app.
fn order_type(name: &str) -> Result<Option<OrderType>, Status> {
    match (name, OrderType::from_name(name)) {
        ("", _) => Ok(None),
        (_, Some(order_type)) => Ok(Some(order_type)),
        _ => Err(Status::invalid_argument("type: recharge, withdraw or trade; empty for the whole app")),
    }
}

/// What was counted of a day.
fn usage(row: UsageRow) -> pb::RiskUsage {
    pb::RiskUsage {
        r#type: row.order_type.name().to_owned(),
        orders: u64::try_from(row.orders).unwrap_or_default(),
        amount: Some(pb::Money { minor: row.amount.minor, currency: row.amount.currency.code().to_owned() }),
    }
}
