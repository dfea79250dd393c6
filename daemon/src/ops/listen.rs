//! Where the ops API is served: a Unix socket that only its owner opens, a TCP address, or both.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio_stream::wrappers::UnixListenerStream;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Identity, Server, ServerTlsConfig};

use super::service;
use crate::clock;
use crate::config;
use crate::daemon::Daemon;

/// A call that is not answered within this is given up; what it began still comes to its end.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// When the daemon stops, how long consoles have to hang up: a suspended one must not hold it up.
const LINGER: Duration = Duration::from_secs(2);

/// How a dead connection is found out, so that its watcher does not live on.
const KEEPALIVE: Duration = Duration::from_secs(20);

/// Why the ops API can't be served, for the person who starts the daemon.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpsError {
    #[error("socket {}: {error}", path.display())]
    Socket { path: PathBuf, error: io::Error },
    #[error("socket {}: another process answers there", .0.display())]
    SocketInUse(PathBuf),
    #[error("socket {}: there is something else than a socket", .0.display())]
    NoSocket(PathBuf),
    #[error("listen `{0}`: not an address such as 127.0.0.1:9443")]
    Address(String),
    #[error("listen {address}: {error}")]
    Tcp { address: SocketAddr, error: io::Error },
    #[error(
        "listen {0}: without TLS tokens could be read on the network; set tls_cert_file and tls_key_file, \
         or listen on a loopback address"
    )]
    Plaintext(SocketAddr),
    #[error("tls_cert_file and tls_key_file: one is set without the other")]
    HalfTls,
    #[error("{}: {error}", path.display())]
    TlsFile { path: PathBuf, error: io::Error },
    #[error("tls_cert_file, tls_key_file: {0}")]
    Tls(String),
    #[error("the API's description is not readable: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
}

/// Bound, and not served yet.
pub(crate) struct Bound {
    socket: Option<Socket>,
    tcp: Option<(TcpListener, Server)>,
}

/// Binds what the configuration says.
pub(crate) async fn bind(d: &Daemon) -> Result<Bound, OpsError> {
    let config = &d.config.ops;
    let socket = match config.socket.as_os_str().is_empty() {
        true => None,
        false => Some(Socket::bind(&config.socket).await?),
    };
    let tcp = if config.listen.is_empty() { None } else { Some(bind_tcp(config).await?) };
    Ok(Bound { socket, tcp })
}

impl Bound {
    /// Serves until the daemon stops: then watchers are told to come back, and calls under way have a moment. What a
    /// call began comes to its end without its connection, and the same request id finds its answer later.
    pub(crate) async fn serve(self, d: Arc<Daemon>) {
        let routes = match service::routes(&d).await {
            Ok(routes) => routes,
            Err(error) => return tracing::error!(%error, "the ops API is not served"),
        };
        let stopped = || d.stopping.clone().cancelled_owned();
        let unix = async {
            let Some(socket) = self.socket else { return Ok(()) };
            let (listener, _removed_at_the_end) = (socket.listener, socket.file);
            let connections = UnixListenerStream::new(listener);
            server().add_routes(routes.clone()).serve_with_incoming_shutdown(connections, stopped()).await
        };
        let tcp = async {
            let Some((listener, mut server)) = self.tcp else { return Ok(()) };
            let connections = TcpIncoming::from(listener).with_nodelay(Some(true));
            server.add_routes(routes.clone()).serve_with_incoming_shutdown(connections, stopped()).await
        };
        let out_of_patience = async {
            d.stopping.cancelled().await;
            tokio::time::sleep(LINGER).await;
        };
        tokio::select! {
            served = async { tokio::try_join!(unix, tcp) } => if let Err(error) = served {
                tracing::error!(%error, "the ops API is not served any more");
            },
            () = out_of_patience => tracing::debug!("some consoles have not hung up; they are disconnected"),
        }
    }
}

fn server() -> Server {
    Server::builder()
        .timeout(CALL_TIMEOUT)
        .http2_keepalive_interval(Some(KEEPALIVE))
        .http2_keepalive_timeout(Some(KEEPALIVE))
        .max_concurrent_streams(128)
        .http2_max_header_list_size(16 * 1024)
        .trace_fn(|request| tracing::info_span!("ops", call = request.uri().path()))
}

async fn bind_tcp(config: &config::Ops) -> Result<(TcpListener, Server), OpsError> {
    let address: SocketAddr = config.listen.parse().map_err(|_| OpsError::Address(config.listen.clone()))?;
    let set = |path: &Path| !path.as_os_str().is_empty();
    let server = match (set(&config.tls_cert_file), set(&config.tls_key_file)) {
        (true, true) => {
            let read = |path: &Path| {
                fs::read(path).map_err(|error| OpsError::TlsFile { path: path.to_owned(), error })
            };
            let identity = Identity::from_pem(read(&config.tls_cert_file)?, read(&config.tls_key_file)?);
            let tls = ServerTlsConfig::new().identity(identity);
            server().tls_config(tls).map_err(|e| OpsError::Tls(innermost(&e)))?
        }
        (false, false) if address.ip().is_loopback() => server(),
        (false, false) => return Err(OpsError::Plaintext(address)),
        _ => return Err(OpsError::HalfTls),
    };
    let listener = TcpListener::bind(address).await.map_err(|error| OpsError::Tcp { address, error })?;
    Ok((listener, server))
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

struct Socket {
    listener: UnixListener,
    file: SocketFile,
}

/// The socket's name in the file system, removed when we end, unless another process has taken it.
struct SocketFile {
    path: PathBuf,
    inode: (u64, u64),
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|m| (m.dev(), m.ino()) == self.inode) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Socket {
    /// Binds a socket of mode 0600. It is made in a folder that nobody else can enter, and moved to its place when it
    /// has its mode: there is no moment at which others could open it.
    async fn bind(path: &Path) -> Result<Self, OpsError> {
        let failed = |error| OpsError::Socket { path: path.to_owned(), error };
        refuse_if_taken(path).await?;
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // A short name: it must not make a path too long for a socket that was short enough.
        let private = parent.join(format!(".o{:04x}", clock::random() as u16));
        fs::DirBuilder::new().mode(0o700).create(&private).map_err(failed)?;
        let made = (|| {
            let fresh = private.join("s");
            let listener = UnixListener::bind(&fresh)?;
            fs::set_permissions(&fresh, fs::Permissions::from_mode(0o600))?;
            let meta = fs::symlink_metadata(&fresh)?;
            fs::rename(&fresh, path)?;
            Ok((listener, (meta.dev(), meta.ino())))
        })();
        let _ = fs::remove_dir_all(&private);
        let (listener, inode) = made.map_err(failed)?;
        Ok(Self { listener, file: SocketFile { path: path.to_owned(), inode } })
    }
}

/// A socket that nobody answers on was left by a process that was killed, and may be replaced. Nothing else may.
async fn refuse_if_taken(path: &Path) -> Result<(), OpsError> {
    let failed = |error| OpsError::Socket { path: path.to_owned(), error };
    let meta = match fs::symlink_metadata(path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    if !meta.file_type().is_socket() {
        return Err(OpsError::NoSocket(path.to_owned()));
    }
    match UnixStream::connect(path).await {
        Ok(_) => Err(OpsError::SocketInUse(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ops(listen: &str) -> config::Ops {
        config::Ops { listen: listen.to_owned(), ..config::Ops::default() }
    }

    #[tokio::test]
    async fn plaintext_is_for_loopback_only() {
        for (listen, want) in [
            ("127.0.0.1:0", None),
            ("[::1]:0", None),
            ("0.0.0.0:0", Some("without TLS")),
            ("192.0.2.1:9443", Some("without TLS")),
            ("localhost", Some("not an address")),
            ("127.0.0.1", Some("not an address")),
        ] {
            let error = bind_tcp(&ops(listen)).await.err().map(|e| e.to_string());
            match want {
                // A machine without IPv6 can't bind its loopback; what is tested is that we do not refuse it.
                None => assert!(!error.unwrap_or_default().contains("TLS"), "{listen}"),
                Some(want) => assert!(error.clone().is_some_and(|e| e.contains(want)), "{listen}: {error:?}"),
            }
        }
        let half = config::Ops { tls_key_file: "/x".into(), ..ops("0.0.0.0:0") };
        assert!(matches!(bind_tcp(&half).await, Err(OpsError::HalfTls)));
        let missing = config::Ops { tls_cert_file: "/nowhere".into(), ..half };
        assert!(matches!(bind_tcp(&missing).await, Err(OpsError::TlsFile { .. })));
    }

    #[tokio::test]
    async fn the_socket_is_ours_alone_and_a_live_one_is_not_taken_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ops.sock");
        let first = Socket::bind(&path).await.unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(matches!(Socket::bind(&path).await, Err(OpsError::SocketInUse(_))));

        // Killed: the name stays, nobody answers.
        let Socket { listener, file } = first;
        drop(listener);
        let second = Socket::bind(&path).await.unwrap();
        // The former owner's end does not take away the new one's name.
        drop(file);
        assert!(UnixStream::connect(&path).await.is_ok());
        drop(second);
        assert!(!path.exists());

        // As long as a socket's path may be.
        let room = 107 - dir.path().as_os_str().len() - "//ops.sock".len();
        let deep = dir.path().join("d".repeat(room));
        fs::create_dir(&deep).unwrap();
        assert!(Socket::bind(&deep.join("ops.sock")).await.is_ok());
        fs::remove_dir_all(&deep).unwrap();

        fs::write(&path, "precious").unwrap();
        assert!(matches!(Socket::bind(&path).await, Err(OpsError::NoSocket(_))));
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left behind");
    }
}
