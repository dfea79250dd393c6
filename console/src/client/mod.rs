//! The connection to a daemon: an address, a token, and calls that end in time.

pub mod backoff;
pub mod endpoint;
pub mod watch;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hyper_util::rt::TokioIo;
use sluice_proto::v1::desk_client::DeskClient;
use sluice_proto::v1::ledger_client::LedgerClient;
use sluice_proto::v1::ops_client::OpsClient;
use sluice_proto::v1::risk_client::RiskClient;
use tokio::net::UnixStream;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Response, Status};
use zeroize::Zeroizing;

use crate::exit::{Exit, Failure};
use endpoint::Address;

/// How long a call may take, unless it says otherwise.
pub const DEADLINE: Duration = Duration::from_secs(10);
/// How long a proof of the whole ledger may take.
pub const PROOF_WAIT: Duration = Duration::from_secs(60);
/// The longest that a requery waits for the channel.
pub const REQUERY_WAIT: Duration = Duration::from_secs(10);
/// The largest answer that is read: a full list of the largest orders fits.
const MAX_ANSWER: usize = 32 * 1024 * 1024;

/// A connection with our token in every call.
pub type Authorized = InterceptedService<Channel, Bearer>;
/// The generated client of orders, callbacks, channels, apps and the audit log.
pub type Ops = OpsClient<Authorized>;
/// The generated client of the books.
pub type Ledger = LedgerClient<Authorized>;
/// The generated client of what people decide about money.
pub type Desk = DeskClient<Authorized>;
/// The generated client of what apps and their users may begin.
pub type Risk = RiskClient<Authorized>;

/// What is needed to reach a daemon.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where it listens.
    pub address: Address,
    /// The file that holds the operator's token.
    pub token_file: Option<PathBuf>,
    /// Certificates to trust besides the system's, PEM.
    pub ca_file: Option<PathBuf>,
}

/// A daemon to call. Connects at the first call and again by itself; clones share the connection.
#[derive(Clone, Debug)]
pub struct Client {
    channel: Authorized,
    /// The address as text.
    pub address: String,
}

impl Client {
    /// Prepares a connection; nothing is sent yet. Needs a running tokio runtime.
    ///
    /// # Errors
    /// The token or certificate file is missing or unreadable.
    pub fn new(target: &Target) -> Result<Self, Failure> {
        let bearer = Bearer::from_file(target)?;
        let channel = InterceptedService::new(connect_lazily(target)?, bearer);
        Ok(Self { channel, address: target.address.to_string() })
    }

    /// Orders, callbacks, channels, apps and the audit log.
    pub fn ops(&self) -> Ops {
        OpsClient::new(self.channel.clone()).max_decoding_message_size(MAX_ANSWER)
    }

    /// The books.
    pub fn ledger(&self) -> Ledger {
        LedgerClient::new(self.channel.clone()).max_decoding_message_size(MAX_ANSWER)
    }

    /// What people decide about money.
    pub fn desk(&self) -> Desk {
        DeskClient::new(self.channel.clone()).max_decoding_message_size(MAX_ANSWER)
    }

    /// What apps and their users may begin.
    pub fn risk(&self) -> Risk {
        RiskClient::new(self.channel.clone()).max_decoding_message_size(MAX_ANSWER)
    }
}

/// Waits for a unary call's answer, at most `deadline`.
///
/// # Errors
/// The daemon's refusal, or no answer in time.
pub async fn answer<T>(
    call: impl Future<Output = Result<Response<T>, Status>>,
    deadline: Duration,
) -> Result<T, Failure> {
    match tokio::time::timeout(deadline, call).await {
        Ok(answer) => Ok(answer?.into_inner()),
        Err(_) => Err(Status::deadline_exceeded(format!(
            "nothing came within {}",
            humantime::format_duration(deadline)
        ))
        .into()),
    }
}

fn connect_lazily(target: &Target) -> Result<Channel, Failure> {
    let prepare = |endpoint: Endpoint| {
        endpoint
            .connect_timeout(Duration::from_secs(5))
            .http2_keep_alive_interval(Duration::from_secs(10))
            .keep_alive_timeout(Duration::from_secs(5))
            .keep_alive_while_idle(true)
    };
    match &target.address {
        Address::Unix(path) => {
            // The URI only fills the `:authority` header; the connector knows where to go.
            let endpoint = prepare(Endpoint::from_static("http://sluice.ops"));
            let path = path.clone();
            Ok(endpoint.connect_with_connector_lazy(tower::service_fn(move |_| {
                let path = path.clone();
                async move { UnixStream::connect(path).await.map(TokioIo::new) }
            })))
        }
        Address::Loopback(uri) => Ok(prepare(Endpoint::from(uri.clone())).connect_lazy()),
        Address::Tls(uri) => {
            let mut tls = ClientTlsConfig::new().with_native_roots();
            if let Some(path) = &target.ca_file {
                let pem = std::fs::read(path).map_err(|e| unreadable("certificate file", path, &e))?;
                tls = tls.ca_certificate(Certificate::from_pem(pem));
            }
            let endpoint = Endpoint::from(uri.clone()).tls_config(tls).map_err(|e| {
                Failure::new(Exit::Usage, format!("TLS cannot be set up: {}", crate::exit::root_cause(&e)))
                    .next("check that --ca-file holds PEM certificates")
            })?;
            Ok(prepare(endpoint).connect_lazy())
        }
    }
}

/// Adds `authorization: Bearer TOKEN` to every call.
///
/// The token's file is read at each call: an open console goes on when its operator gets a new token. While the file
/// can't be read, the last token counts.
#[derive(Clone)]
pub struct Bearer {
    file: PathBuf,
    last: MetadataValue<Ascii>,
}

impl Bearer {
    fn from_file(target: &Target) -> Result<Self, Failure> {
        let Some(path) = &target.token_file else {
            return Err(Failure::new(Exit::NoConnection, "no operator token is configured").next(
                "make one with `sluiced --config FILE operator add NAME --role ROLE`, save it in a file, \
                 and name that in --token-file (or SLUICE_TOKEN_FILE)",
            ));
        };
        Ok(Self { file: path.clone(), last: read_token(path)? })
    }
}

fn read_token(path: &Path) -> Result<MetadataValue<Ascii>, Failure> {
    let text = Zeroizing::new(
        std::fs::read_to_string(path)
            .map_err(|e| Failure { exit: Exit::NoConnection, ..unreadable("token file", path, &e) })?,
    );
    let header = Zeroizing::new(format!("Bearer {}", text.trim()));
    let mut value: MetadataValue<Ascii> = header.parse().map_err(|_| {
        Failure::new(Exit::NoConnection, format!("{} does not hold a token", path.display()))
            .next("the file has one line, the token alone")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Ok(token) = read_token(&self.file) {
            self.last = token;
        }
        request.metadata_mut().insert("authorization", self.last.clone());
        Ok(request)
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer(…)")
    }
}

fn unreadable(what: &str, path: &std::path::Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Usage, format!("the {what} {} cannot be read: {error}", path.display()))
}
