//! Connections of operators to the daemon in a sandbox.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hyper_util::rt::TokioIo;
use serde_json::Value;
use sluice_proto::v1 as pb;
use sluice_proto::v1::desk_client::DeskClient;
use sluice_proto::v1::ledger_client::LedgerClient;
use sluice_proto::v1::ops_client::OpsClient;
use sluice_sim::client::{Merchant, NewRecharge, Order};
use sluice_sim::provider::Plan;
use sluice_sim::stand::Stand;
use tokio::net::UnixStream;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

use crate::support::SOON;

/// The generated client with a token in every call.
pub(crate) type Ops = OpsClient<InterceptedService<Channel, Bearer>>;

/// What people decide about money.
pub(crate) type Desk = DeskClient<InterceptedService<Channel, Bearer>>;

/// The books.
pub(crate) type Ledger = LedgerClient<InterceptedService<Channel, Bearer>>;

/// Adds a token, if there is one.
#[derive(Clone)]
pub(crate) struct Bearer(Option<MetadataValue<Ascii>>);

impl Bearer {
    pub(crate) fn new(token: Option<&str>) -> Self {
        Self(token.map(|token| format!("Bearer {token}").parse().unwrap()))
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request.metadata_mut().insert("authorization", token.clone());
        }
        Ok(request)
    }
}

/// The path of the daemon's ops socket.
pub(crate) fn socket(stand: &Stand) -> PathBuf {
    Path::new(stand.file().ops.strip_prefix("unix:").unwrap()).to_owned()
}

/// A connection to the socket; small windows, so that a watcher that does not read is noticed soon.
pub(crate) async fn connect(stand: &Stand) -> Channel {
    let path = socket(stand);
    let endpoint = Endpoint::from_static("http://ops.test")
        .initial_stream_window_size(65_535)
        .initial_connection_window_size(65_535);
    let connector = tower::service_fn(move |_| {
        let path = path.clone();
        async move { UnixStream::connect(path).await.map(TokioIo::new) }
    });
    endpoint.connect_with_connector(connector).await.unwrap()
}

/// The sandbox's admin.
pub(crate) async fn admin(stand: &Stand) -> Ops {
    let token = std::fs::read_to_string(&stand.file().operator_token_file).unwrap();
    with_token(stand, Some(token.trim())).await
}

pub(crate) async fn with_token(stand: &Stand, token: Option<&str>) -> Ops {
    OpsClient::with_interceptor(connect(stand).await, Bearer::new(token))
}

/// The desk as an operator of this name.
pub(crate) async fn desk(stand: &Stand, name: &str) -> Desk {
    let token = add_operator(stand, name, "operator", &[]).await;
    DeskClient::with_interceptor(connect(stand).await, Bearer::new(Some(&token)))
}

/// The books as a viewer.
pub(crate) async fn ledger(stand: &Stand) -> Ledger {
    let token = add_operator(stand, "reader", "viewer", &[]).await;
    LedgerClient::with_interceptor(connect(stand).await, Bearer::new(Some(&token)))
}

/// Adds an operator beside the running daemon; the token.
pub(crate) async fn add_operator(stand: &Stand, name: &str, role: &str, more: &[&str]) -> String {
    let args: Vec<_> =
        ["operator", "add", name, "--role", role, "--json"].iter().chain(more).copied().collect();
    let output = stand.sluiced(&args).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    said["token"].as_str().unwrap().to_owned()
}

/// A recharge that was created.
pub(crate) async fn place(merchant: &Merchant, number: &str) -> Order {
    merchant.create_recharge(&NewRecharge::new(number, 8_888)).await.unwrap()
}

/// A recharge that was paid, credited, called back and acknowledged.
pub(crate) async fn complete(stand: &Stand, merchant: &Merchant, number: &str) -> Order {
    let order = place(merchant, number).await;
    stand.control().pay(&order, Plan::Now).await.unwrap();
    stand.wait_for_state(merchant, &order.order_id, &[4], SOON).await.unwrap()
}

/// An order with everything known of it.
pub(crate) async fn detail(ops: &mut Ops, order_id: &str) -> pb::OrderDetail {
    ops.get_order(pb::GetOrderRequest { order_id: order_id.to_owned() }).await.unwrap().into_inner()
}

/// The order's id in a view.
pub(crate) fn id(view: &pb::OrderView) -> &str {
    view.order.as_ref().map(|o| o.order_id.as_str()).unwrap_or_default()
}

/// Asserts that a call was refused, with a message for people that says this.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(answer: Result<T, Status>, code: Code, says: &str) {
    let status = answer.expect_err("refused");
    assert_eq!(status.code(), code, "{}", status.message());
    assert!(status.message().contains(says), "{}", status.message());
}

/// A short time, for things of which it is tested that they do not happen.
pub(crate) const A_MOMENT: Duration = Duration::from_millis(700);
