//! Every call of `service Ops`, with the role that it needs; what it does is in its group's file. The other services
//! have a file each, on the same [`Service`].

use std::sync::Arc;

use sluice_proto::v1 as pb;
use sluice_proto::v1::desk_server::DeskServer;
use sluice_proto::v1::ledger_server::LedgerServer;
use sluice_proto::v1::ops_server::{Ops, OpsServer};
use tokio::sync::{Semaphore, SemaphorePermit};
use tonic::service::Routes;
use tonic::{Request, Response, Status};

use super::act::{Acts, Wish};
use super::auth::{Caller, Role, authorize};
use super::figures::Figures;
use super::listen::OpsError;
use super::watch::{self, Watchers};
use super::{apps, audit, callbacks, channels, credentials, evidence, orders, overview, requery, risk};
use crate::clock;
use crate::daemon::Daemon;

/// The largest request that is read: all of them are small.
const MAX_REQUEST: usize = 64 * 1024;

/// Reads of many rows that may be under way at once, so that operators never take every reader from merchants.
const HEAVY_READS: usize = 2;

/// The service with health and reflection. Also begins to count what happens, until the daemon stops.
pub(super) async fn routes(d: &Arc<Daemon>) -> Result<Routes, OpsError> {
    let figures = Arc::<Figures>::default();
    d.under_way.spawn(figures.clone().follow(d.clone()));
    let acts = Arc::<Acts>::default();
    let risk = risk::service(d, &acts);
    let service = Arc::new(Service {
        d: d.clone(),
        figures,
        acts,
        watchers: Watchers::default(),
        heavy: Semaphore::new(HEAVY_READS),
    });
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter.set_serving::<OpsServer<Service>>().await;
    reporter.set_serving::<LedgerServer<Service>>().await;
    reporter.set_serving::<DeskServer<Service>>().await;
    reporter.set_serving::<risk::Server>().await;
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(sluice_proto::DESCRIPTOR)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let mut routes = Routes::builder();
    routes
        .add_service(OpsServer::from_arc(service.clone()).max_decoding_message_size(MAX_REQUEST))
        .add_service(LedgerServer::from_arc(service.clone()).max_decoding_message_size(MAX_REQUEST))
        .add_service(DeskServer::from_arc(service).max_decoding_message_size(MAX_REQUEST))
        .add_service(risk.max_decoding_message_size(MAX_REQUEST))
        .add_service(health)
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?);
    Ok(routes.routes())
}

/// What the services work with.
pub(super) struct Service {
    pub(super) d: Arc<Daemon>,
    pub(super) figures: Arc<Figures>,
    pub(super) acts: Arc<Acts>,
    watchers: Watchers,
    heavy: Semaphore,
}

pub(super) type Answer<T> = Result<Response<T>, Status>;

impl Service {
    /// The caller, who must have a role, and what is asked.
    pub(super) async fn asked<T>(&self, request: Request<T>, needed: Role) -> Result<(Caller, T), Status> {
        let caller = authorize(&self.d, request.metadata(), needed).await?;
        Ok((caller, request.into_inner()))
    }

    pub(super) async fn heavy(&self) -> Result<SemaphorePermit<'_>, Status> {
        self.heavy.acquire().await.map_err(|_| Status::unavailable("the daemon is stopping"))
    }
}

#[tonic::async_trait]
impl Ops for Service {
    async fn hello(&self, request: Request<pb::HelloRequest>) -> Answer<pb::HelloReply> {
        let (caller, _) = self.asked(request, Role::Viewer).await?;
        Ok(Response::new(pb::HelloReply {
            operator: caller.name,
            role: caller.role.name().to_owned(),
            daemon: self.d.name.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            now_ms: clock::now().millis(),
            started_at_ms: self.d.started_at.millis(),
            token_expires_at_ms: super::view::millis(caller.expires_at),
        }))
    }

    async fn overview(&self, request: Request<pb::OverviewRequest>) -> Answer<pb::OverviewReply> {
        self.asked(request, Role::Viewer).await?;
        overview::overview(&self.d, &self.figures).await.map(Response::new)
    }

    type WatchStream = watch::Frames;

    async fn watch(&self, request: Request<pb::WatchRequest>) -> Answer<Self::WatchStream> {
        let (caller, ask) = self.asked(request, Role::Viewer).await?;
        watch::start(&self.d, &self.watchers, caller, ask).map(Response::new)
    }

    async fn list_orders(&self, request: Request<pb::ListOrdersRequest>) -> Answer<pb::ListOrdersReply> {
        let (_, ask) = self.asked(request, Role::Viewer).await?;
        let _turn = self.heavy().await?;
        orders::list(&self.d, ask).await.map(Response::new)
    }

    async fn find_orders(&self, request: Request<pb::FindOrdersRequest>) -> Answer<pb::FindOrdersReply> {
        let (_, ask) = self.asked(request, Role::Viewer).await?;
        orders::find(&self.d, &ask.number).await.map(Response::new)
    }

    async fn get_order(&self, request: Request<pb::GetOrderRequest>) -> Answer<pb::OrderDetail> {
        let (caller, ask) = self.asked(request, Role::Viewer).await?;
        orders::get(&self.d, caller.role, &ask.order_id).await.map(Response::new)
    }

    async fn get_evidence(&self, request: Request<pb::GetEvidenceRequest>) -> Answer<pb::Evidence> {
        let (_, ask) = self.asked(request, Role::Viewer).await?;
        evidence::get(&self.d, ask.evidence_id).await.map(Response::new)
    }

    async fn requery(&self, request: Request<pb::RequeryRequest>) -> Answer<pb::RequeryReply> {
        let (caller, ask) = self.asked(request, Role::Operator).await?;
        let wish = Wish::new(caller, ask.request_id, "")?;
        let deed = requery::Requery::new(&ask.order_id, ask.wait_ms)?;
        self.acts.once(&self.d, wish, deed).await.map(Response::new)
    }

    async fn list_callbacks(
        &self,
        request: Request<pb::ListCallbacksRequest>,
    ) -> Answer<pb::ListCallbacksReply> {
        let (_, ask) = self.asked(request, Role::Viewer).await?;
        let _turn = self.heavy().await?;
        callbacks::list(&self.d, ask).await.map(Response::new)
    }

    async fn get_callback(&self, request: Request<pb::GetCallbackRequest>) -> Answer<pb::CallbackDetail> {
        let (_, ask) = self.asked(request, Role::Viewer).await?;
        callbacks::get(&self.d, &ask.callback_id).await.map(Response::new)
    }

    async fn replay_callback(
        &self,
        request: Request<pb::ReplayCallbackRequest>,
    ) -> Answer<pb::ReplayCallbackReply> {
        let (caller, ask) = self.asked(request, Role::Operator).await?;
        let by = caller.name.clone();
        let wish = Wish::new(caller, ask.request_id, &ask.reason)?;
        let deed = callbacks::Replay { callback_id: ask.callback_id, by };
        self.acts.once(&self.d, wish, deed).await.map(Response::new)
    }

    async fn list_channels(
        &self,
        request: Request<pb::ListChannelsRequest>,
    ) -> Answer<pb::ListChannelsReply> {
        self.asked(request, Role::Viewer).await?;
        channels::list(&self.d, &self.figures).await.map(Response::new)
    }

    async fn list_apps(&self, request: Request<pb::ListAppsRequest>) -> Answer<pb::ListAppsReply> {
        let (_, ask) = self.asked(request, Role::Viewer).await?;
        let _turn = self.heavy().await?;
        apps::list(&self.d, &ask.text).await.map(Response::new)
    }

    async fn rotate_password(
        &self,
        request: Request<pb::RotatePasswordRequest>,
    ) -> Answer<pb::RotatePasswordReply> {
        let (caller, ask) = self.asked(request, Role::Admin).await?;
        let wish = Wish::with_reason(caller, ask.request_id.clone(), &ask.reason)?;
        let deed = credentials::RotatePassword::new(ask)?;
        self.acts.once(&self.d, wish, deed).await.map(Response::new)
    }

    async fn revoke_merchant_key(
        &self,
        request: Request<pb::RevokeMerchantKeyRequest>,
    ) -> Answer<pb::RevokeMerchantKeyReply> {
        let (caller, ask) = self.asked(request, Role::Admin).await?;
        let wish = Wish::with_reason(caller, ask.request_id, &ask.reason)?;
        let deed = credentials::RevokeMerchantKey { client_id: ask.client_id, key_id: ask.key_id };
        self.acts.once(&self.d, wish, deed).await.map(Response::new)
    }

    async fn revoke_tokens(
        &self,
        request: Request<pb::RevokeTokensRequest>,
    ) -> Answer<pb::RevokeTokensReply> {
        let (caller, ask) = self.asked(request, Role::Admin).await?;
        let wish = Wish::with_reason(caller, ask.request_id, &ask.reason)?;
        let deed = credentials::RevokeTokens { client_id: ask.client_id };
        self.acts.once(&self.d, wish, deed).await.map(Response::new)
    }

    async fn list_audit(&self, request: Request<pb::ListAuditRequest>) -> Answer<pb::ListAuditReply> {
        let (_, ask) = self.asked(request, Role::Viewer).await?;
        audit::list(&self.d, ask).await.map(Response::new)
    }

    async fn verify_audit(&self, request: Request<pb::VerifyAuditRequest>) -> Answer<pb::VerifyAuditReply> {
        self.asked(request, Role::Viewer).await?;
        let _turn = self.heavy().await?;
        audit::verify(&self.d).await.map(Response::new)
    }
}
