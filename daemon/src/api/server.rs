//! Connections of merchants and providers: HTTP/1.1, slow ones cut off, ended gracefully.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::handle;
use crate::daemon::Daemon;

/// Headers beyond this are refused by the parser (431).
const MAX_HEADERS: usize = 64;
const MAX_HEAD_BYTES: usize = 32 * 1024;

/// A listening socket that is not served yet.
pub(crate) struct Bound(TcpListener);

/// Binds the API's address.
pub(crate) async fn bind(address: SocketAddr) -> std::io::Result<Bound> {
    TcpListener::bind(address).await.map(Bound)
}

impl Bound {
    /// Serves until the daemon stops; then requests under way come to their end.
    pub(crate) async fn serve(self, d: Arc<Daemon>) {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(d.config.server.request_timeout)
            .max_headers(MAX_HEADERS)
            .max_buf_size(MAX_HEAD_BYTES)
            .half_close(true);
        let graceful = GracefulShutdown::new();
        let connections = Arc::new(Semaphore::new(d.config.server.max_connections));
        loop {
            let slot = tokio::select! {
                slot = connections.clone().acquire_owned() => slot,
                () = d.stopping.cancelled() => break,
            };
            let Ok(slot) = slot else { break };
            let (stream, peer) = tokio::select! {
                accepted = self.0.accept() => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        // Out of file descriptors, mostly: others will be freed.
                        tracing::warn!(%error, "a connection was not accepted");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
                () = d.stopping.cancelled() => break,
            };
            let _ = stream.set_nodelay(true);
            let daemon = d.clone();
            let service = service_fn(move |request| {
                let daemon = daemon.clone();
                async move { Ok::<_, Infallible>(handle(daemon, peer.ip(), request).await) }
            });
            let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "a connection ended badly");
                }
                drop(slot);
            });
        }
        drop(self.0);
        graceful.shutdown().await;
    }
}
