//! A daemon made of sample data behind a real gRPC server on a Unix socket: what the console says to it is recorded,
//! and its feed can be cut.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sluice_proto::v1 as pb;
use sluice_proto::v1::desk_server::DeskServer;
use sluice_proto::v1::ledger_server::LedgerServer;
use sluice_proto::v1::ops_server::{Ops, OpsServer};
use sluice_proto::v1::risk_server::RiskServer;
use sluice_proto::v1::watch_reply::Frame;
use tempfile::TempDir;
use tokio::net::UnixListener;
use tokio::sync::broadcast;
use tokio_stream::wrappers::{BroadcastStream, IntervalStream, UnixListenerStream};
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};

use super::sample;

#[path = "fake_books.rs"]
mod books;
#[path = "fake_risk.rs"]
mod risk;

/// The token that the fake accepts as an admin's; `viewer` is one of a viewer.
pub(crate) const TOKEN: &str = "opt_admin";
/// Two orders of two apps have this number.
pub(crate) const SHARED_NUMBER: &str = "A-1";

/// What was asked of it that changes something, and the cursors that watchers came with.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) acts: Vec<String>,
    pub(crate) cursors: Vec<String>,
}

/// A running fake.
pub(crate) struct Fake {
    dir: TempDir,
    pub(crate) seen: Arc<Mutex<Seen>>,
    feed: broadcast::Sender<Option<pb::Event>>,
    server: tokio::task::JoinHandle<()>,
}

impl Fake {
    pub(crate) async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, token) in [("admin", TOKEN), ("viewer", "opt_viewer"), ("wrong", "opt_wrong")] {
            std::fs::write(dir.path().join(name), format!("{token}\n")).unwrap();
        }
        let (seen, (feed, _)) = (Arc::default(), broadcast::channel(64));
        let service = Service { seen: Arc::clone(&seen), feed: feed.clone() };
        let listener = UnixListener::bind(dir.path().join("ops.sock")).unwrap();
        let server = tokio::spawn(async move {
            let router = tonic::transport::Server::builder()
                .add_service(LedgerServer::new(service.clone()))
                .add_service(DeskServer::new(service.clone()))
                .add_service(RiskServer::new(service.clone()))
                .add_service(OpsServer::new(service));
            router.serve_with_incoming(UnixListenerStream::new(listener)).await.unwrap();
        });
        Self { dir, seen, feed, server }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("unix:{}", self.dir.path().join("ops.sock").display())
    }

    pub(crate) fn token_file(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }

    /// Sends an event to all watchers.
    pub(crate) fn happen(&self, event: pb::Event) {
        self.feed.send(Some(event)).unwrap();
    }

    /// Ends all watches.
    pub(crate) fn cut(&self) {
        self.feed.send(None).unwrap();
    }

    /// Goes away with all its connections.
    pub(crate) fn stop(&self) {
        self.server.abort();
        std::fs::remove_file(self.dir.path().join("ops.sock")).unwrap();
    }

    /// The mutations asked for so far.
    pub(crate) fn acts(&self) -> Vec<String> {
        self.seen.lock().unwrap().acts.clone()
    }

    /// The cursors that watchers came with so far.
    pub(crate) fn cursors(&self) -> Vec<String> {
        self.seen.lock().unwrap().cursors.clone()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[derive(Clone)]
struct Service {
    seen: Arc<Mutex<Seen>>,
    feed: broadcast::Sender<Option<pb::Event>>,
}

impl Service {
    fn act(&self, what: String) {
        self.seen.lock().unwrap().acts.push(what);
    }
}

/// The caller's role.
fn role<T>(request: &Request<T>) -> Result<&'static str, Status> {
    match request.metadata().get("authorization").and_then(|v| v.to_str().ok()) {
        Some("Bearer opt_admin") => Ok("admin"),
        Some("Bearer opt_viewer") => Ok("viewer"),
        _ => Err(Status::unauthenticated("unknown token")),
    }
}

fn needs_admin<T>(request: &Request<T>) -> Result<(), Status> {
    match role(request)? {
        "admin" => Ok(()),
        _ => Err(Status::permission_denied("needs the role admin; yours is viewer")),
    }
}

fn all_orders() -> Vec<pb::OrderView> {
    let mut orders = sample::orders();
    let last = orders.len() - 1;
    for (i, app) in [(last, "app_bookshop"), (last - 1, "app_xingchen")] {
        let order = orders[i].order.as_mut().unwrap();
        order.merchant_order_no = SHARED_NUMBER.into();
        order.client_id = app.into();
    }
    orders
}

fn find(number: &str) -> Vec<pb::OrderView> {
    let has = |v: &pb::OrderView| {
        let o = v.order.as_ref().unwrap();
        [&o.order_id, &o.merchant_order_no, &o.channel_ref, &o.channel_order_no].contains(&&number.to_owned())
            || o.callbacks.iter().any(|c| c.callback_id == number)
    };
    let older = sample::orders::with_suspense().into_iter().chain(sample::orders::unknown_payout().view);
    all_orders().into_iter().chain(older).filter(has).collect()
}

type Frames = Pin<Box<dyn Stream<Item = Result<pb::WatchReply, Status>> + Send>>;

#[tonic::async_trait]
impl Ops for Service {
    type WatchStream = Frames;

    async fn hello(&self, request: Request<pb::HelloRequest>) -> Result<Response<pb::HelloReply>, Status> {
        let role = role(&request)?.to_owned();
        Ok(Response::new(pb::HelloReply { role, ..sample::hello() }))
    }

    async fn overview(
        &self,
        request: Request<pb::OverviewRequest>,
    ) -> Result<Response<pb::OverviewReply>, Status> {
        role(&request)?;
        Ok(Response::new(sample::overview()))
    }

    async fn watch(&self, request: Request<pb::WatchRequest>) -> Result<Response<Frames>, Status> {
        role(&request)?;
        let cursor = request.into_inner().cursor;
        let full = cursor.is_empty();
        self.seen.lock().unwrap().cursors.push(cursor);
        let feed = self.feed.subscribe();
        let reply = |frame| Ok(pb::WatchReply { frame: Some(frame) });
        let mut first = vec![reply(Frame::Begin(pb::WatchBegin { full }))];
        if full {
            first.extend(sample::limbo().into_iter().map(Frame::Order).map(reply));
        }
        let cursor = if full { "c0".to_owned() } else { String::new() };
        first.push(reply(Frame::Ready(pb::WatchReady { cursor, now_ms: sample::NOW.millis() })));
        let events = BroadcastStream::new(feed).map(|event| event.ok().flatten().map(Frame::Event));
        // As the real daemon does in quiet times.
        let beats = IntervalStream::new(tokio::time::interval(Duration::from_secs(1))).skip(1).map(|_| {
            Some(Frame::Heartbeat(pb::Heartbeat { now_ms: sample::NOW.millis(), ..Default::default() }))
        });
        let rest = events.merge(beats).take_while(Option::is_some).filter_map(|frame| frame).map(reply);
        Ok(Response::new(Box::pin(tokio_stream::iter(first).chain(rest))))
    }

    async fn list_orders(
        &self,
        request: Request<pb::ListOrdersRequest>,
    ) -> Result<Response<pb::ListOrdersReply>, Status> {
        role(&request)?;
        let r = request.into_inner();
        let passes = |v: &pb::OrderView| {
            let o = v.order.as_ref().unwrap();
            (!r.limbo || v.limbo)
                && (r.states.is_empty() || r.states.contains(&o.state))
                && (r.kinds.is_empty() || r.kinds.contains(&o.r#type))
                && (r.channel.is_empty() || r.channel == o.channel)
                && (r.client_id.is_empty() || r.client_id == o.client_id)
                && o.merchant_order_no.contains(&r.text)
        };
        // Pages of at most ten, so that paging is needed.
        let from: usize = r.cursor.parse().unwrap_or(0);
        let size = (r.limit as usize).clamp(1, 10);
        let all: Vec<_> = all_orders().into_iter().filter(passes).collect();
        let next_cursor = if from + size < all.len() { (from + size).to_string() } else { String::new() };
        let items = all.into_iter().skip(from).take(size).collect();
        Ok(Response::new(pb::ListOrdersReply { items, next_cursor }))
    }

    async fn find_orders(
        &self,
        request: Request<pb::FindOrdersRequest>,
    ) -> Result<Response<pb::FindOrdersReply>, Status> {
        role(&request)?;
        Ok(Response::new(pb::FindOrdersReply { items: find(&request.into_inner().number) }))
    }

    async fn get_order(
        &self,
        request: Request<pb::GetOrderRequest>,
    ) -> Result<Response<pb::OrderDetail>, Status> {
        role(&request)?;
        let id = request.into_inner().order_id;
        let unknown = sample::orders::unknown_payout();
        if unknown.view.as_ref().and_then(|v| v.order.as_ref()).is_some_and(|o| o.order_id == id) {
            return Ok(Response::new(unknown));
        }
        let view = find(&id).pop().ok_or_else(|| Status::not_found(id))?;
        let callbacks = sample::callbacks().into_iter().take(1).collect();
        Ok(Response::new(pb::OrderDetail { view: Some(view), callbacks, ..sample::detail() }))
    }

    async fn get_evidence(
        &self,
        request: Request<pb::GetEvidenceRequest>,
    ) -> Result<Response<pb::Evidence>, Status> {
        role(&request)?;
        match request.into_inner().evidence_id.as_str() {
            "ev_1" => Ok(Response::new(sample::orders::evidence())),
            other => Err(Status::not_found(other)),
        }
    }

    async fn requery(
        &self,
        request: Request<pb::RequeryRequest>,
    ) -> Result<Response<pb::RequeryReply>, Status> {
        needs_admin(&request)?;
        let r = request.into_inner();
        assert!(!r.request_id.is_empty() && r.wait_ms == 10_000);
        self.act(format!("requery {}", r.order_id));
        let mut order = find(&r.order_id).pop().ok_or_else(|| Status::not_found("order"))?;
        // The channel answers for the first order in limbo, and not for the others.
        let answered = r.order_id.ends_with("0007");
        if answered {
            order.limbo = false;
        }
        let presence = if answered { "paid" } else { "" }.to_owned();
        Ok(Response::new(pb::RequeryReply {
            answered,
            presence,
            order: Some(order),
            audit_seq: 419,
            ..Default::default()
        }))
    }

    async fn list_callbacks(
        &self,
        request: Request<pb::ListCallbacksRequest>,
    ) -> Result<Response<pb::ListCallbacksReply>, Status> {
        role(&request)?;
        let r = request.into_inner();
        let passes = |c: &pb::Callback| {
            (r.order_id.is_empty() || r.order_id == c.order_id)
                && (r.client_id.is_empty() || r.client_id == c.client_id)
        };
        let items = sample::callbacks().into_iter().filter(passes).collect();
        Ok(Response::new(pb::ListCallbacksReply { items, next_cursor: String::new() }))
    }

    async fn get_callback(
        &self,
        request: Request<pb::GetCallbackRequest>,
    ) -> Result<Response<pb::CallbackDetail>, Status> {
        role(&request)?;
        Ok(Response::new(sample::callbacks::callback_detail()))
    }

    async fn replay_callback(
        &self,
        request: Request<pb::ReplayCallbackRequest>,
    ) -> Result<Response<pb::ReplayCallbackReply>, Status> {
        needs_admin(&request)?;
        let r = request.into_inner();
        let found = sample::callbacks().into_iter().find(|c| c.callback_id == r.callback_id);
        let callback = found.ok_or_else(|| Status::not_found("callback"))?;
        if callback.merchant_order_no.ends_with("0044") {
            return Err(Status::failed_precondition("it is being sent right now"));
        }
        self.act(format!("replay {} because {:?}", r.callback_id, r.reason));
        Ok(Response::new(pb::ReplayCallbackReply { callback: Some(callback), audit_seq: 417 }))
    }

    async fn list_channels(
        &self,
        request: Request<pb::ListChannelsRequest>,
    ) -> Result<Response<pb::ListChannelsReply>, Status> {
        role(&request)?;
        Ok(Response::new(pb::ListChannelsReply { items: sample::channels() }))
    }

    async fn list_apps(
        &self,
        request: Request<pb::ListAppsRequest>,
    ) -> Result<Response<pb::ListAppsReply>, Status> {
        role(&request)?;
        let text = request.into_inner().text;
        let items = sample::apps().into_iter().filter(|a| a.client_id.contains(&text)).collect();
        Ok(Response::new(pb::ListAppsReply { items }))
    }

    async fn rotate_password(
        &self,
        request: Request<pb::RotatePasswordRequest>,
    ) -> Result<Response<pb::RotatePasswordReply>, Status> {
        needs_admin(&request)?;
        let r = request.into_inner();
        self.act(format!(
            "rotate {} {} grace {} tokens {} because {:?}",
            r.client_id, r.r#type, r.grace_ms, r.revoke_tokens, r.reason
        ));
        let all = ["recharge", "withdraw", "trade"];
        let kinds: Vec<&str> = if r.r#type == "all" { all.to_vec() } else { vec![&r.r#type] };
        let passwords = kinds
            .into_iter()
            .map(|kind| pb::NewPassword {
                r#type: kind.into(),
                version: 4,
                password: format!("new-{kind}-password"),
            })
            .collect();
        Ok(Response::new(pb::RotatePasswordReply { passwords, audit_seq: 420, revoked_tokens: 0 }))
    }

    async fn revoke_merchant_key(
        &self,
        request: Request<pb::RevokeMerchantKeyRequest>,
    ) -> Result<Response<pb::RevokeMerchantKeyReply>, Status> {
        needs_admin(&request)?;
        let r = request.into_inner();
        self.act(format!("revoke {} of {} because {:?}", r.key_id, r.client_id, r.reason));
        let key = pb::MerchantKey { key_id: r.key_id, state: "revoked".into(), ..Default::default() };
        Ok(Response::new(pb::RevokeMerchantKeyReply { key: Some(key), audit_seq: 421 }))
    }

    async fn revoke_tokens(
        &self,
        request: Request<pb::RevokeTokensRequest>,
    ) -> Result<Response<pb::RevokeTokensReply>, Status> {
        needs_admin(&request)?;
        let r = request.into_inner();
        self.act(format!("revoke tokens of {} because {:?}", r.client_id, r.reason));
        Ok(Response::new(pb::RevokeTokensReply { revoked: 12, audit_seq: 422 }))
    }

    async fn list_audit(
        &self,
        request: Request<pb::ListAuditRequest>,
    ) -> Result<Response<pb::ListAuditReply>, Status> {
        role(&request)?;
        Ok(Response::new(pb::ListAuditReply { items: sample::audit(), next_cursor: String::new() }))
    }

    async fn verify_audit(
        &self,
        request: Request<pb::VerifyAuditRequest>,
    ) -> Result<Response<pb::VerifyAuditReply>, Status> {
        role(&request)?;
        Ok(Response::new(pb::VerifyAuditReply { ok: false, entries: 418, broken_at: 17 }))
    }
}
